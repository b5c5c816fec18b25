import { mount } from 'svelte';
import Start from './Start.svelte';
import { begun } from './begin';
import { measureRight } from './measured';
import './styles/tokens.css';
import './styles/base.css';
import { words } from './words/en';

const target = document.getElementById('app');
if (!target) throw new Error('the page has no place for the app');

measureRight(window);
begun.then(
  (backend) => mount(Start, { target, props: { backend } }),
  () => (target.textContent = `${words.notLoaded.message} ${words.notLoaded.hint}`),
);

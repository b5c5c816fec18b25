import { mount } from 'svelte';
import App from './App.svelte';
import { tauri } from './backend/tauri';
import './styles/tokens.css';
import './styles/base.css';

const target = document.getElementById('app');
if (!target) throw new Error('the page has no place for the app');

mount(App, { target, props: { backend: tauri() } });

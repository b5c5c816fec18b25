import { mount } from 'svelte';
import Start from './Start.svelte';
import { http } from './backend/http';
import { inProgram, tauri } from './backend/tauri';
import './styles/tokens.css';
import './styles/base.css';

const target = document.getElementById('app');
if (!target) throw new Error('the page has no place for the app');

mount(Start, { target, props: { backend: inProgram ? tauri() : http() } });

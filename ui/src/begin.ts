// Runs while the rest of the window is still on its way: what it draws first is being asked for meanwhile.

import { ahead } from './backend/ahead';
import type { Backend } from './backend/backend';
import { inProgram, tauri } from './backend/tauri';

const host: Promise<Backend> = inProgram
  ? Promise.resolve(tauri())
  : import('./backend/http').then(({ http }) => http());

export const begun = host.then(ahead);

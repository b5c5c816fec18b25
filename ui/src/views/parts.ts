// What of the window is loaded on its own: whoever reads their texts needs none of it.

import { Part } from '../state/part.svelte';

export const parts = {
  calls: new Part(() => import('./calls/CallsView.svelte')),
  contact: new Part(() => import('./ContactPanel.svelte')),
  conversation: new Part(() => import('./ConversationPane.svelte')),
  customer: new Part(() => import('./customer/CustomerData.svelte')),
  dialogs: new Part(() => import('./Dialogs.svelte')),
  health: new Part(() => import('./health/HealthView.svelte')),
  phone: new Part(() => import('./PracticePhone.svelte')),
  restoring: new Part(() => import('./Restoring.svelte')),
  settings: new Part(() => import('./settings/Settings.svelte')),
  token: new Part(() => import('./Token.svelte')),
  voicemail: new Part(() => import('./voicemail/VoicemailView.svelte')),
  welcome: new Part(() => import('./Welcome.svelte')),
  wizard: new Part(() => import('./setup/Wizard.svelte')),
};

/** What is most likely wanted soon, the likeliest first. */
const soon = [
  'conversation',
  'dialogs',
  'contact',
  'voicemail',
  'calls',
  'health',
  'settings',
  'customer',
] as const;

/** Milliseconds taken for quiet where the page cannot tell when it is idle. */
const QUIET = 100;

const idle = (): Promise<unknown> =>
  new Promise((done) => {
    if ('requestIdleCallback' in window) requestIdleCallback(done);
    else setTimeout(done, QUIET);
  });

/** Loads what is wanted soon: the first at once, the others one by one while nothing else is to be done. */
export async function loadAhead(): Promise<void> {
  for (const name of soon) {
    // Whoever asks for what did not load is told so.
    await parts[name].need();
    await idle();
  }
}

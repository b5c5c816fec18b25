// What of the window is loaded on its own: whoever reads their texts needs none of it.

import { Part } from '../state/part.svelte';

export const parts = {
  customer: new Part(() => import('./customer/CustomerData.svelte')),
  health: new Part(() => import('./health/HealthView.svelte')),
  phone: new Part(() => import('./PracticePhone.svelte')),
  restoring: new Part(() => import('./Restoring.svelte')),
  settings: new Part(() => import('./settings/Settings.svelte')),
  wizard: new Part(() => import('./setup/Wizard.svelte')),
};

// Where the window goes for what no press mends.

import type { Place } from '../../backend/generated/desk';
import { isUnsettled, leads, lineCheckOf } from '../../state/health.svelte';
import type { Office } from '../../state/office.svelte';

/** Shows the first text that did not get away, of those that are near the top. */
async function toUnsettled(office: Office): Promise<void> {
  office.section = 'inbox';
  office.search.type('');
  await office.act(() => office.list.choose('all', null));
  for (let place = 0; place < office.list.total; place += 1) {
    const row = office.list.at(place);
    if (!row) return;
    if (isUnsettled(row)) return office.show(row.id);
  }
}

/** Goes to a place. `account`: asks before the first page is shown. */
export function goTo(office: Office, place: Place, account: () => void): void {
  const lead = leads[place];
  const check = lineCheckOf(office);
  if (lead.to === 'account') account();
  else if (lead.to === 'log') check.show('log');
  else if (lead.to === 'unsettled') void toUnsettled(office);
  else if (lead.part) check.configure(lead.part);
  else office.configure(lead.section);
}

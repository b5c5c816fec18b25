// What can be done about the line from the search for anything.

import type { TimelineItem } from '../../backend/generated/desk';
import { catchingOf } from '../../state/catching.svelte';
import { lineCheckOf } from '../../state/health.svelte';
import type { Office } from '../../state/office.svelte';
import { guideOf } from '../../state/setup.svelte';
import { catching } from '../../words/catching';
import { dialogs } from '../../words/dialogs';
import { words } from '../../words/en';
import type { Act } from '../acts';
import type { ShowRecord } from './record';

const said = dialogs.lineFind;

/** What can be done from anywhere. */
export function lineActs(office: Office): Act[] {
  const line = lineCheckOf(office);
  const guide = guideOf(office);
  const isLeft = !office.practice && guide.putOff;
  return [
    ...(isLeft ? [{ said: said.goOn, also: said.also, act: () => void guide.begin() }] : []),
    { said: said.go, also: said.also, keys: words.mod('4'), act: () => line.show('checkup') },
    {
      said: said.check,
      also: said.also,
      act: () => {
        line.show('checkup');
        void line.look();
      },
    },
    { said: said.log, also: said.also, act: () => line.show('log') },
    {
      said: catching.complete.find,
      also: catching.complete.also,
      act: () => {
        line.show('checkup');
        void catchingOf(office).check();
      },
    },
  ];
}

/** What Twilio's record can be shown of, where something is open. */
export function recordActs(office: Office, show: ShowRecord): Act[] {
  if (office.section === 'voicemail') {
    const { open } = office.voicemails;
    return open ? [{ said: words.record, act: () => show({ voicemail: open.id }) }] : [];
  }
  const isText = (item: TimelineItem) => item.type === 'text';
  const newest = office.section === 'inbox' ? office.open?.timeline.findLast(isText) : undefined;
  return newest ? [{ said: said.record, act: () => show({ text: newest.id }) }] : [];
}

// All that can be done from the search for anything.

import { sections, type Office } from '../state/office.svelte';
import { dialogs } from '../words/dialogs';
import { words } from '../words/en';
import { settings as settingsSaid } from '../words/settings';
import type { Act } from './acts';
import { lineActs, recordActs } from './health/acts';
import type { ShowRecord } from './health/record';
import { actsAnywhere, actsHere } from './voicemail/acts';

/** What the window does itself. */
export interface Does {
  /** Puts the open conversation away, or takes it out again. */
  done: () => void;
  /** Lists only some conversations. */
  filter: (which: 'unread' | 'waiting') => void;
  /** Begins a note in the open conversation. */
  note: () => void;
  togglePanel: () => void;
}

/** What lies over the window. */
export interface Shows {
  askAssign: () => void;
  askText: () => void;
  showKeys: () => void;
  showRecord: ShowRecord;
}

const said = dialogs.find.act;

export function actsOf(office: Office, does: Does, shows: Shows): Act[] {
  const closed = (office.settings?.hours.closed_until ?? 0) > office.now;
  const paused = (office.settings?.notifications.paused_until ?? 0) > office.now;
  /** A browser keeps some keys to itself. */
  const { desktop } = office.backend;
  const isDone = office.open?.conversation.done_at !== null;
  const here =
    office.openId === null || office.section !== 'inbox'
      ? []
      : [
          { said: isDone ? said.reopen : said.done, keys: 'E', act: does.done },
          { said: said.unread, keys: 'U', act: () => void office.unsee() },
          { said: said.assign, also: said.assignAlso, keys: 'A', act: shows.askAssign },
          { said: said.note, ...(desktop && { keys: words.mod('Shift N') }), act: does.note },
          { said: said.panel, keys: 'I', act: does.togglePanel },
        ];
  const settings = sections.map((section) => ({
    said: said.settingsOf(settingsSaid.sections[section]),
    also: settingsSaid.about[section],
    act: () => office.configure(section),
  }));
  return [
    { said: said.newText, keys: 'N', act: shows.askText },
    ...here,
    ...actsHere(office),
    ...recordActs(office, shows.showRecord),
    { said: said.inbox, keys: words.mod('1'), act: () => (office.section = 'inbox') },
    { said: said.calls, keys: words.mod('2'), act: () => (office.section = 'calls') },
    ...actsAnywhere(office),
    ...lineActs(office),
    {
      said: said.missedList,
      act: () => {
        void office.calls.choose('missed');
        office.section = 'calls';
      },
    },
    { said: said.unreadList, act: () => does.filter('unread') },
    { said: said.waitingList, act: () => does.filter('waiting') },
    closed
      ? { said: said.openAgain, act: () => void office.closeEarly(false) }
      : { said: said.closeEarly, act: () => void office.closeEarly(true) },
    ...settings,
    paused
      ? { said: said.resume, act: () => void office.pause(0) }
      : { said: said.pause, act: () => void office.pause(60) },
    { said: said.light, act: () => void office.change({ window: { theme: 'light' } }) },
    { said: said.dark, act: () => void office.change({ window: { theme: 'dark' } }) },
    { said: said.keys, keys: '?', act: shows.showKeys },
  ];
}

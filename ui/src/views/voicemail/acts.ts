// What can be done about voicemail from the search for anything.

import type { Office } from '../../state/office.svelte';
import { words } from '../../words/en';
import { silent, voicemail } from '../../words/voicemail';
import type { Act } from '../acts';

const said = voicemail.find;

/** What can be done about the voicemail that is open. */
export function actsHere(office: Office): Act[] {
  const open = office.section === 'voicemail' ? office.voicemails.open : null;
  if (!open) return [];
  const audible: Act[] = [
    { said: said.play, keys: voicemail.deck.space, act: () => office.player.toggle(open) },
    { said: said.copy, act: () => void office.saveCopy(open) },
  ];
  return [
    ...(silent(open) ? [] : audible),
    {
      said: open.heard ? said.markUnheard : said.markHeard,
      keys: 'M',
      act: () => void office.setHeard(open, !open.heard),
    },
    { said: said.remove, keys: voicemail.keys.remove, act: () => void office.removeVoicemail(open) },
  ];
}

/** What can be done from anywhere. */
export function actsAnywhere(office: Office): Act[] {
  const show = (which: 'unheard' | 'waiting') => () => {
    office.voicemails.sought = '';
    void office.voicemails.choose(which);
    office.section = 'voicemail';
  };
  return [
    { said: said.go, keys: words.mod('3'), act: () => (office.section = 'voicemail') },
    { said: said.unheard, act: show('unheard') },
    { said: said.waiting, act: show('waiting') },
    { said: said.faster, keys: ']', act: () => office.player.step(1) },
    { said: said.slower, keys: '[', act: () => office.player.step(-1) },
  ];
}

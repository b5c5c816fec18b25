// Words of the people conversations are assigned to, in Settings.

import { figure } from './formats';

/** "One conversation is", "3 conversations are". */
const are = (n: number) => (n === 1 ? 'One conversation is' : `${figure(n)} conversations are`);

export const colleagues = {
  title: 'People here',
  hint: 'Conversations can be assigned to them. They are names on this computer: nobody is told.',
  none: 'Nobody yet. Add who answers here, or press A in a conversation.',
  add: 'Add a person',
  name: 'Name',
  keep: 'Add',
  nameOf: (name: string) => `Name of ${name}`,
  remove: 'Remove',
  removeOf: (name: string) => `Remove ${name}`,
  question: (name: string) => `Remove ${name}?`,
  counting: 'Counting their conversations…',
  theirs: (name: string, n: number) =>
    n === 0
      ? `No conversation is assigned to ${name}.`
      : `${are(n)} assigned to ${name}. ${n === 1 ? 'It becomes' : 'They become'} nobody’s.`,
  notNow: 'Not now',
  removing: 'Removing…',
  removed: (name: string, n: number) => `${name} is removed.${n === 0 ? '' : ` ${are(n)} nobody’s now.`}`,
} as const;

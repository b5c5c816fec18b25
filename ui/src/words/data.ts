// Words about copies of what is kept: backups, the recovery code, exports, a damaged start; and about deleting a
// customer.

import type {
  BackupReason,
  CustomerContents,
  DataBackup,
  DataBackups,
  Exported,
} from '../backend/generated/desk';
import { words } from './en';
import { figure, moments } from './formats';
import { bringBack } from './restoring';
import { atTime, joined, onDifferentDays, timeOfDay } from './time';

export const data = {
  notNow: 'Not now',
  close: 'Close',
  code: 'Recovery code',
  codeHint: 'Capitals, spaces and dashes don’t matter.',
  codeMissing: 'Type the recovery code first.',

  backups: {
    title: 'Backups',
    looking: 'Looking at your backups…',
    daily: 'Back up every day',
    dailyHint:
      'A copy of everything, made by itself while Ringdesk runs. One of each of the last 7 days and the last 4 weeks is kept.',
    dailyOff: 'Nothing is copied by itself. If the disk breaks, everything since the last backup is gone.',
    next: (when: string) => `The next one is made ${when}.`,
    tomorrow: (time: string) => `tomorrow at ${time}`,
    nextSoon: 'The next one is made in a moment.',
    now: 'Back up now',
    making: 'Backing up…',
    made: 'A new backup is made.',
    running: 'A backup is being made…',
    last: (when: string) => `Last backup ${when}`,
    lastWhole: (when: string) => `Last complete backup ${when}`,
    none: 'No backup yet',
    noneText: 'If this computer’s disk breaks, everything in Ringdesk is gone. Make the first backup now.',
    noneWhole: 'No backup is complete',
    noneWholeText: 'None of those below could be brought back. Make a new one now.',
    old: 'A lot may have come since. The next one is made by itself while Ringdesk runs; or make one now.',
    oldByHand: 'A lot may have come since. Make a new one, or let Ringdesk do it every day.',
    practice: 'A practice line has nothing to lose, so no backups are made.',
    all: 'All backups',
    allHint: 'If what is kept here is ever damaged, Ringdesk offers these when it starts.',
    reasons: {
      daily: 'By itself',
      asked: 'You asked for it',
      update: 'Before an update',
    } satisfies Record<BackupReason, string>,
    sealed: 'locked',
    open: 'not locked',
    checked: (when: string) => `checked ${when}`,
    unchecked: 'not checked yet',
    damaged: 'Damaged',
    whole: 'Complete',
    check: 'Check',
    checkOf: (which: string) => `Check the backup of ${which}`,
    checking: 'Checking…',
    foundWhole: (which: string) => `The backup of ${which} is complete.`,
    foundDamaged: (which: string) => `The backup of ${which} is damaged.`,
    checkText:
      'Without the code, Ringdesk looks whether anything in it has changed. With the code, it opens it, too, and looks inside.',
    codeOptional: 'Recovery code (optional)',
    checkGo: 'Check this backup',
  },

  folder: {
    title: 'Where they are kept',
    beside: 'Beside the data, on this computer’s disk. If the disk breaks, they break with it.',
    chosen: 'In a folder you chose.',
    elsewhere: 'The folder is on the computer Ringdesk runs on.',
    change: 'Choose another folder',
    label: 'Another folder',
    example: '/media/backup-disk/Ringdesk',
    hint: 'Best on another disk. Type its full path.',
    notWhole: 'Type the full path, such as /media/backup-disk/Ringdesk.',
    needsCode: 'Set a recovery code first',
    needsCodeHint:
      'Whoever finds another disk could read what is on it, so backups in a folder of your own are always locked.',
    setCode: 'Set a recovery code',
    use: 'Keep backups there',
    using: 'Looking at the folder…',
    cancel: 'Leave it as it is',
    back: 'Keep them beside the data',
    moved: 'New backups go there. Those made before stay where they are.',
    making: 'The first backup is being made there…',
    notMade: 'Backups go there from now on, but the first couldn’t be made yet.',
    movedBack: 'New backups go beside the data again. Those made before stay where they are.',
  },

  recovery: {
    title: 'Recovery code',
    about:
      'A recovery code locks your backups, so that nobody who finds one can read it. Without the code nobody, not even you, can open them.',
    off: 'Backups are not locked',
    on: 'Backups are locked',
    onHint: 'Opening one takes your recovery code, which is kept nowhere but where you wrote it down.',
    set: 'Set a recovery code',
    replace: 'Replace the code',
    stop: 'Stop locking backups',

    making: 'Making a code…',
    show: 'Write down your recovery code',
    keep: 'Keep it away from this computer: on paper, or in a password manager.',
    copy: 'Copy the code',
    print: 'Print this page',
    written: 'I’ve written it down',
    again: 'Try again',

    type: 'Type it back',
    typeText: 'A slip of the pen shows now, and not on the day you need it. Pasting is fine.',
    showAgain: 'Show it again',
    use: 'Use this code',
    using: 'Locking a backup…',
    short: (have: number, all: number) => ({
      message: 'It isn’t complete yet.',
      hint: `It has ${all} letters and digits; these are ${have}.`,
    }),
    long: (have: number, all: number) => ({
      message: 'There is too much in it.',
      hint: `It has ${all} letters and digits; these are ${have}.`,
    }),
    differs: (group: number) => ({
      message: `Group ${group} is another one than was shown.`,
      hint: 'Look at it again in what you wrote down.',
    }),

    done: 'Backups are locked from now on',
    doneText:
      'Those made before aren’t locked. While daily backups are on, the last of them goes within about five weeks.',
    replacedText:
      'Those made before still take the old code. Keep it as long as you have one of them: about five weeks, while daily backups are on.',

    prove: 'Replace the recovery code',
    proveText: 'Type the code in use first. Then you get a new one.',
    codeInUse: 'Code in use',
    proveGo: 'Go on',
    proving: 'Looking at the code…',
    notInUse: {
      message: 'That isn’t the code in use.',
      hint: 'Compare it with what you wrote down, group by group. If you can’t find it, press “I no longer have it”.',
    },
    lost: 'I no longer have it',
    lostTitle: 'Without the old code',
    lostText:
      'Backups it locked stay closed for good. What is here on this computer is not touched: a new code locks new backups, which you can open.',
    lostGo: 'Make a new code',
    lostBack: 'Back',

    stopTitle: 'Stop locking backups?',
    stopText:
      'Anybody who finds a backup made from now on can read it. Those made before still take the code, so keep it as long as you have one of them: about five weeks, while daily backups are on.',
    stopFirst: 'Backups in a folder of your own are always locked. Keep them beside the data first.',
    stopKeep: 'Go on locking',
    stopping: 'Looking at the code…',
    stopped: 'Backups made from now on are not locked.',

    sheet: 'Recovery code of Ringdesk’s backups',
    sheetOf: (business: string) => `Recovery code of Ringdesk’s backups, ${business}`,
    sheetDate: (when: string) => `Made ${when}.`,
    sheetText: 'It opens the backups. Keep this sheet where nobody else finds it.',
  },

  exporting: {
    title: 'Export',
    all: 'Everything in one folder',
    hint: 'All texts, calls, voicemails, pictures and contacts, in tables and files that other programs open. Anybody who has the folder can read it.',
    everything: 'Export everything',
    writing: 'Writing…',
    copyPath: 'Copy the path',
    of: 'Export this conversation',
    page: 'Export as a page',
    table: 'Export as a table',
    ofHint:
      'The page is for reading and printing, with pictures and sound. The table opens in a spreadsheet.',
    written: (counts: string) => `Written: ${counts}. It is here:`,
    writtenElsewhere: (counts: string) => `Written: ${counts}. On the computer Ringdesk runs on, it is here:`,
  },

  customer: {
    title: 'Delete',
    hint: 'Everything of them, on all your lines, for good.',
    held: '“Keep everything of this conversation” is on. Turn it off first.',
    ask: 'Delete this customer',
    question: (who: string) => `Delete everything of ${who}?`,
    counting: 'Counting what there is…',
    goes: 'This goes for good:',
    contact: 'The contact, with its name, tags and numbers',
    conversations: (n: number) => (n === 1 ? 'The conversation' : `All ${figure(n)} conversations`),
    atTwilio: 'Also at Twilio',
    atTwilioHint: (n: number) =>
      n === 1
        ? 'Twilio has a text, call or recording of them. It can’t be fetched again once it is deleted there.'
        : `Twilio may have ${figure(n)} texts, calls and recordings of them. They can’t be fetched again once they are deleted there.`,
    backups:
      'Earlier backups, exports and damaged data that was set aside still hold them, until these copies are deleted.',
    stays: 'If they opted out or are blocked, that stays noted.',
    keep: 'Keep everything',
    go: (who: string, items: number) =>
      `Delete ${who}${items === 0 ? '' : ` and ${figure(items)} ${items === 1 ? 'item' : 'items'}`}`,
    going: 'Deleting…',
    gone: (who: string) => `Everything of ${who} is deleted.`,
    goneThere: (who: string) =>
      `Everything of ${who} is deleted here. It goes at Twilio, too, as soon as Ringdesk can delete it there.`,
  },

  restoring: {
    title: 'What is kept here can’t be read',
    text: 'The file with your texts and calls is damaged, most often by a failing disk or a power cut. Nothing was overwritten, and the damaged files are kept.',
    looking: 'Looking for backups…',
    offer: 'The newest backup that looks complete',
    chosen: 'The backup you chose',
    of: (which: string) => `Backup of ${which}`,
    others: 'Choose another backup',
    othersHide: 'Hide the others',
    which: 'Which backup to bring back',
    codeHint: 'The code you wrote down when you set it. Capitals, spaces and dashes don’t matter.',
    after: 'What happens then',
    steps: [
      'The damaged files are moved aside as they are, and the backup takes their place.',
      'Texts, calls and voicemails since then are fetched from Twilio.',
      'What you did here since then is not in it: notes, settings, contacts, whom you blocked or noted as opted out. Customers you deleted since are back.',
      'Nothing is sent until you have looked around and said yes.',
    ],
    go: 'Bring back this backup',
    going: 'Bringing it back…',
    again: 'Try to open it again',
    first: 'Back to the first page',
    none: 'No backup was found',
    noneText:
      'If yours are on another disk, connect it and look again. Nothing here is touched meanwhile; somebody who knows databases may still save the damaged file.',
    noneWhole: 'None of the backups found can be used',
    noneWholeText: 'If you have others on another disk, connect it and look again.',
    look: 'Look for backups again',

    elsewhere: {
      title: bringBack,
      text: 'For a new computer, or one that was set up anew. Your texts, calls and contacts come from a backup Ringdesk made on the old one.',
      label: 'Folder the backups are in',
      example: '/media/backup-disk/Ringdesk',
      hint: 'Type its full path. The folder Ringdesk kept its data in works, too.',
      notWhole: {
        message: 'That is not a full path.',
        hint: 'Type all of it, such as /media/backup-disk/Ringdesk.',
      },
      look: 'Look for backups',
      back: 'Back',
      change: 'Look in another folder',
      noneText:
        'The files of a backup have names that begin with “ringdesk-”. Look for the folder they are in.',
      noneWholeText: 'If you have others in another folder, look there.',
      steps: [
        'The backup is copied to this computer. The folder it is in stays as it is.',
        'You connect the Twilio account it belongs to. Texts, calls and voicemails since then are fetched from there.',
        'What you did on the old computer since then is not in it: notes, settings, contacts, whom you blocked or noted as opted out.',
        'Nothing is sent until you have looked around and said yes: the old computer may still send.',
      ],
      done: 'Your data is back',
      doneText: 'As it was in the backup. Now connect the Twilio account it belongs to.',
      connect: 'Connect the account',
    },
  },
} as const;

const nouns = {
  texts: ['text', 'texts'],
  calls: ['call', 'calls'],
  voicemails: ['voicemail', 'voicemails'],
  files: ['picture or sound', 'pictures and sounds'],
  notes: ['note', 'notes'],
} as const;
type Kind = keyof typeof nouns;

/** So many of something: "1 text", "1,214 texts". */
const counted = (kind: Kind, n: number) => `${figure(n)} ${nouns[kind][n === 1 ? 0 : 1]}`;

/** What there is, kind by kind, without what there is none of. */
const kinds = (of: readonly Kind[], counts: Partial<Record<Kind, number>>): string[] =>
  of.flatMap((kind) => (counts[kind] ? [counted(kind, counts[kind])] : []));

/** A size people can picture: "214 kB", "52.1 MB", "1.2 GB". */
export function size(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.max(1, Math.round(bytes / 1_000))} kB`;
  return bytes < 1_000_000_000
    ? `${(bytes / 1_000_000).toFixed(1)} MB`
    : `${(bytes / 1_000_000_000).toFixed(1)} GB`;
}

const DAY = 86_400_000;
const day: Intl.DateTimeFormatOptions = { month: 'long', day: 'numeric', hour: 'numeric', minute: '2-digit' };
const dayTime = moments(day);
const yearTime = moments({ ...day, year: 'numeric' });

/** Which backup: "November 22 at 6:05 PM". */
export const which = ({ at }: Pick<DataBackup, 'at'>, now: number) =>
  joined((now - at < 300 * DAY ? dayTime : yearTime).format(at));

/** How old it is: "20 minutes old", "3 hours old", "12 days old". */
export function age(at: number, now: number): string {
  const minutes = Math.max(0, Math.round((now - at) / 60_000));
  const old = (n: number, what: string) => `${figure(n)} ${what}${n === 1 ? '' : 's'} old`;
  if (minutes < 2) return 'just made';
  if (minutes < 90) return old(minutes, 'minute');
  const hours = Math.round(minutes / 60);
  return hours < 48 ? old(hours, 'hour') : old(Math.round(hours / 24), 'day');
}

/** When the next one is made, as a sentence; none where nobody knows. */
export function nextSaid(at: number | null, now: number): string | null {
  if (at === null) return null;
  if (at <= now) return data.backups.nextSoon;
  const time = timeOfDay(at);
  if (!onDifferentDays(at, now)) return data.backups.next(words.time.at(words.time.onToday, time));
  if (!onDifferentDays(at - DAY, now)) return data.backups.next(data.backups.tomorrow(time));
  return data.backups.next(words.time.on(joined(dayTime.format(at))));
}

/** What is to be known of a backup, in one line. */
export function about({ bytes, sealed, verified_at }: DataBackup, now: number): string {
  const said = data.backups;
  return [
    size(bytes),
    sealed ? said.sealed : said.open,
    verified_at === null ? said.unchecked : said.checked(atTime(verified_at, now)),
  ].join(' · ');
}

/** How the backups are, at a glance. */
export interface Standing {
  tone: 'good' | 'warn';
  title: string;
  text: string;
}

/** A backup older than this leaves a lot out, in milliseconds. */
const OLD = 2 * DAY;

/** How the backups are: what could be brought back today. `daily`: whether they are made by themselves. */
export function standing({ backups }: Pick<DataBackups, 'backups'>, daily: boolean, now: number): Standing {
  const said = data.backups;
  const [newest] = backups;
  if (!newest) return { tone: 'warn', title: said.none, text: said.noneText };
  const whole = backups.find(({ problem }) => problem === null);
  if (!whole) return { tone: 'warn', title: said.noneWhole, text: said.noneWholeText };
  const title = (whole === newest ? said.last : said.lastWhole)(atTime(whole.at, now));
  if (now - whole.at > OLD) return { tone: 'warn', title, text: daily ? said.old : said.oldByHand };
  return { tone: whole === newest ? 'good' : 'warn', title, text: about(whole, now) };
}

/** What an export holds: "1,214 texts, 80 calls and 2 voicemails, 52.1 MB". */
export function exportSaid(exported: Exported): string {
  const parts = kinds(['texts', 'calls', 'voicemails', 'files'], exported);
  return [...(parts.length > 0 ? [words.and(parts)] : []), size(exported.bytes)].join(', ');
}

/** What goes with a customer, line by line. */
export function contentsList(contents: CustomerContents): string[] {
  return [
    data.customer.contact,
    data.customer.conversations(contents.conversations),
    ...kinds(['texts', 'calls', 'voicemails', 'files', 'notes'], contents),
  ];
}

/** How many items go with a customer. */
export const items = ({ texts, calls, voicemails, files, notes }: CustomerContents) =>
  texts + calls + voicemails + files + notes;

/** A code's groups, each with the dash after it. */
export const groups = (code: string): string[] => code.split(/(?<=-)/);

/** A code without what does not matter in it: case, spaces, dashes, and letters that look like digits. */
export const bareCode = (code: string) =>
  code
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');

/** What is wrong in a code that was typed back; null: nothing. */
export function slip(shown: string, typed: string): { message: string; hint: string } | null {
  const [is, all] = [bareCode(typed), bareCode(shown)];
  let from = 0;
  for (const [n, group] of groups(shown).entries()) {
    const part = bareCode(group);
    const has = is.slice(from, from + part.length);
    from += part.length;
    if (!part.startsWith(has)) return data.recovery.differs(n + 1);
  }
  if (is.length < all.length) return data.recovery.short(is.length, all.length);
  return is.length > all.length ? data.recovery.long(is.length, all.length) : null;
}

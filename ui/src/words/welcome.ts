// Words of the first page, and of a browser that is new to this desk.

export const welcome = {
  slogan: 'A front desk for your business phone.',
  about: 'Texts, calls and voicemail in one calm place, kept on this computer.',
  title: 'Welcome. How would you like to start?',
  text: 'You can change your mind at any time. Nothing is sent to anyone until you say so.',
  promise: 'Your messages stay on this computer. Nobody at Ringdesk can read them.',
  practice: 'Try it with a practice line',
  practiceText: 'Be your own customer on a pretend phone. No account, and nothing leaves this computer.',
  reopen: 'Open my line',
  reopenText: 'The Twilio account you connected before, with all its texts.',
  connect: 'Connect my Twilio account',
  connectText: 'For a number you have at Twilio. Have your Twilio home page at hand.',
  accountTitle: 'Connect your Twilio account',
  accountText: 'Open your Twilio home page and copy two lines from the box called “Account Info”.',
  sid: 'Account SID',
  sidHint: 'The long line that starts with AC.',
  token: 'Auth Token',
  tokenHint: 'Press “Show” next to it at Twilio, then copy.',
  showToken: 'Show',
  hideToken: 'Hide',
  safe: 'Kept in your computer’s own password safe.',
  safeText: 'Never written to a plain file, never shown again.',
  passphrase: 'Passphrase',
  passphraseHint: 'At least eight letters. You type it each time Ringdesk starts; nobody can recover it.',
  sealedInstead: 'Keep it in a file sealed by a passphrase instead',
  safeInstead: 'Use the password safe instead',
  go: 'Connect',
  asking: 'Asking Twilio…',
  back: 'Back',
  again: 'Try again',
  open: 'Open',
  anew: 'Connect anew',
  trouble: {
    locked: {
      title: 'Your password safe is locked',
      text: 'Ringdesk keeps your Twilio token in it. Unlock the safe. If your line does not open by itself, try again.',
    },
    missing: {
      title: 'Your Twilio token is gone',
      text: 'The password safe answers but has no entry for Ringdesk. Your texts are all here; connect the account anew.',
    },
    absent: {
      title: 'No password safe answers',
      text: 'The program that keeps your passwords is not running. Start it and try again, or connect anew and keep the token in a sealed file.',
    },
    sealed: {
      title: 'Type your passphrase',
      text: 'It opens the file your Twilio token is sealed in.',
    },
    taken: {
      title: 'Ringdesk is open already',
      text: 'Perhaps another user of this computer has it open. Close it there, then try again.',
    },
    failed: { title: 'Your line could not be opened', text: 'Nothing was lost.' },
  },
} as const;

export const token = {
  title: 'Open this desk',
  text: 'Paste the token of this desk once. It is in the file “api-token” in its data folder; this browser remembers it.',
  label: 'Token',
  enter: 'Open the desk',
  wrong: { message: 'That is not its token.', hint: 'Copy the whole line from the file “api-token”.' },
} as const;

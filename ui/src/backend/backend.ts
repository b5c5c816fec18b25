// The only door to Rust. What lies behind it differs by host; the window never knows which.

import type { Change, CommandError, Commands, DataBackup } from './generated/desk';
import type { Player } from './player';

export type Command = keyof Commands;
export type Request<C extends Command> = Commands[C]['request'];
export type Answer<C extends Command> = Commands[C]['answer'];

/** What the window should know before anything else. */
export interface About {
  version: string;
  /** Whether a line is open, could not be opened, is yet to be chosen, or a token is asked for. */
  stage: 'welcome' | 'trouble' | 'open' | 'token';
  practice: boolean;
  trouble: Trouble | null;
  /** Whether the owner's account was connected before. */
  known: boolean;
}

/**
 * Why the owner's line could not be opened; `damaged`: what is kept on the disk cannot be read; `taken`: another
 * Ringdesk uses it.
 */
export interface Trouble {
  kind: 'locked' | 'missing' | 'absent' | 'sealed' | 'damaged' | 'taken' | 'failed';
  detail: string;
}

/** Choosing a line, and going from one to another. */
export interface Front {
  /** Tries a practice line. */
  practise(): Promise<void>;
  /**
   * Connects an account; without a passphrase what is secret goes to the password safe. A key (its SID and its
   * secret) asks and sends; the token then only proves that what arrives is Twilio's.
   */
  connect(
    sid: string,
    token: string,
    passphrase: string | null,
    key: [sid: string, secret: string] | null,
  ): Promise<void>;
  /** Opens the account that was connected before. */
  reopen(): Promise<void>;
  /** Opens what a passphrase sealed. */
  unseal(passphrase: string): Promise<void>;
  /** Back to the first choice, or the same once more. */
  leave(again: boolean): Promise<void>;
  /** Forgets the account's token and goes back to the first choice; what is stored stays. */
  disconnect(): Promise<void>;
  /**
   * The backups of what is damaged, newest first. Those of a folder where one is given: on a computer that keeps
   * nothing yet.
   */
  backupsFound(folder?: string): Promise<DataBackup[]>;
  /**
   * Puts a backup in the place of what is damaged, and opens it; with the recovery code where it is sealed. What
   * is damaged is kept beside it. One of a given folder comes to where nothing is kept yet; its account is
   * connected then.
   */
  restore(name: string, code: string | null, folder?: string): Promise<void>;
}

/** A text on the practice phone. */
export interface PhoneText {
  sid: string;
  mine: boolean;
  with: string;
  body: string;
  status: string;
  media: string[];
  at_ms: number;
}

/** A pretend customer's phone; only where a practice line is. */
export interface PracticePhone {
  texts(number: string): Promise<PhoneText[]>;
  text(from: string, to: string, body: string, picture?: [type: string, base64: string]): Promise<void>;
  /** Calls: hangs up in the greeting, or leaves a message. */
  call(from: string, to: string, message: boolean): Promise<void>;
  picture(sid: string): string;
}

/** Where the page is asked to go: by a notification, the tray, a second start, or whoever closes it. */
export type Call =
  | { to: 'conversation'; id: string }
  | { to: 'unread' }
  | { to: 'new_text' }
  | { to: 'health' }
  | { to: 'closing' }
  | { to: 'dropped'; first: number; files: number };

/** How the account's token is, and how far its replacement has come. */
export interface TokenState {
  /** One; two, and Twilio signs with the old one; two, and Twilio signs with the new one. */
  state: 'one' | 'two' | 'switched';
  /** Since when the first is kept here, in milliseconds; null where that is not known. */
  since: number | null;
  /** Whether it can be replaced here. */
  can: boolean;
  /** Why not, in words. */
  why: string | null;
  /** Whether each step takes the passphrase the token is sealed by. */
  asks_passphrase: boolean;
}

/** What only the program's own window has. */
export interface Desktop {
  practice: PracticePhone;
  front: Front;
  listen(called: (call: Call) => void): Promise<void>;
  /** Says which conversation the owner has before their eyes, if any. */
  inView(conversation: string | null): Promise<void>;
  /** The contents of a file that was dropped on the window, by its place among all of them. */
  dropped(place: number): Promise<Blob>;
  /** Says that the question what closing means is shown. */
  closingAsked(): Promise<void>;
  /** Puts the window away, or ends the program. */
  closeWindow(keep: boolean): Promise<void>;
  /** Whether an icon is shown by which a window that was put away comes back. */
  inTray(): Promise<boolean>;
  startsItself(): Promise<boolean>;
  /** Makes the program start with the computer, or no longer. */
  startItself(on: boolean): Promise<void>;
  /** How the account's token is. */
  token(): Promise<TokenState>;
  /**
   * Has a second token made, puts it in the place of the first, forgets the old one; or gives the new one up. With
   * the passphrase where it is asked for.
   */
  rotateToken(act: 'begin' | 'switch' | 'retire' | 'cancel', passphrase: string | null): Promise<TokenState>;
}

export interface Backend {
  about(): Promise<About>;
  call<C extends Command>(command: C, request: Request<C>): Promise<Answer<C>>;
  /** Tells of every Change after a number, in order. An empty batch says that anything may have changed. */
  subscribe(after: number, told: (changes: Change[]) => void): Promise<void>;
  /** Where the picture of an attachment is. */
  picture(attachment: string): Promise<string>;
  /** Saves the file of an attachment, once it is kept. Answers where; null where the browser chose. */
  saveFile(attachment: string): Promise<string | null>;
  /** Opens a link outside; where it leads has been shown. */
  openLink(url: string): Promise<void>;
  /** What plays voicemails and greetings. */
  player: Player;
  /** Where the page is in the program's own window. */
  desktop: Desktop | null;
  /** Where the page is in a browser: takes the token of the office. False: it is not the right one. */
  admit: ((token: string) => Promise<boolean>) | null;
}

/** Whether something thrown is a command's own refusal. */
export function isCommandError(error: unknown): error is CommandError {
  return (
    typeof error === 'object' && error !== null && 'code' in error && 'message' in error && 'hint' in error
  );
}

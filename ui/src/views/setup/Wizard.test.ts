import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import type { Backend, Command } from '../../backend/backend';
import type {
  AccountNumber,
  AddressNow,
  Backup,
  Call,
  CommandError,
  Health,
  LinesPlan,
  Settings,
  SetupStep,
  Step,
  TimelineItem,
} from '../../backend/generated/desk';
import { lineCheckOf } from '../../state/health.svelte';
import { Office } from '../../state/office.svelte';
import { Guide, order } from '../../state/setup.svelte';
import type { Door } from '../door';
import { weekdays } from '../settings/hours';
import Wizard from './Wizard.svelte';

const MAIN = '+14155550142';
const HERE = 'https://phone.example.com';
const number = (parts: Partial<AccountNumber>): AccountNumber => ({
  number: MAIN,
  display: '(415) 555-0142',
  name: null,
  texts: true,
  pictures: true,
  calls: true,
  used: false,
  answers: 'demo',
  answers_at: 'demo.twilio.com',
  overrides: [],
  restorable: false,
  ...parts,
});
const address = (parts: Partial<AddressNow>): AddressNow => ({
  way: 'unset',
  state: 'unset',
  address: null,
  problem: null,
  hint: null,
  knocked_at: null,
  knock_ms: null,
  moved: false,
  programs: [{ program: 'cloudflared', version: '2026.1', usable: true }],
  fixed: false,
  ...parts,
});
const backup = (parts: Partial<Backup>): Backup => ({
  state: 'off',
  said: '',
  hint: null,
  url: null,
  heard_at: null,
  document: '<Response/>',
  phone: '',
  ...parts,
});
const unsaid = { text: '', recording: null };
const refusal = (message: string, hint: string): CommandError => ({ code: 'told', message, hint });

/** A desk at a step of the setup, and what it is asked to do. */
async function at(step: Step, answers: Partial<Record<Command, unknown>>, health: Partial<Health> = {}) {
  const did: [string, unknown][] = [];
  let going = true;
  let steps = order.map((one): SetupStep => ({ step: one, state: 'todo' }));
  const settings = {
    address: { way: 'unset', address: '', tunnel: '', follow: false },
    calls: { phones: [], ring_seconds: 20, greetings: { open: unsaid, closed: unsaid, holiday: unsaid } },
    sleep_backup: { on: false, rings: false },
    hours: { week: Object.fromEntries(weekdays.map((day) => [day, []])), holidays: [], closed_until: null },
  } as unknown as Settings;
  const all: Partial<Record<Command, unknown>> = {
    setup: () => ({ begun: true, going, steps }),
    setup_step: ({ step, state }: SetupStep) => {
      steps = steps.map((one) => (one.step === step ? { step, state } : one));
      return { begun: true, going, steps };
    },
    finish_setup: () => ({ begun: true, going: (going = false), steps }),
    apply_settings: () => settings,
    address: () => address({}),
    backup: () => backup({}),
    plan_lines: () => ({ address: null, unseen: false, numbers: [] }),
    ...answers,
  };
  const call = (command: Command, request: unknown) => {
    did.push([command, request]);
    const answer = all[command];
    try {
      return Promise.resolve(typeof answer === 'function' ? (answer(request) as unknown) : answer);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  };
  const openLink = (url: string) => Promise.resolve(did.push(['link', url]));
  const player = { listen: () => () => undefined };
  const office = new Office({ call, openLink, player } as unknown as Backend, false);
  const guide = new Guide(office);
  await guide.ask();
  guide.go(step);
  office.health = { connected: true, sign_in_refused: false, ...health } as Health;
  const door: Door = {
    leave: () => did.push(['leave', null]),
    anew: () => did.push(['anew', null]),
    disconnect: () => Promise.resolve(),
  };
  render(Wizard, { office, settings, guide, door });
  return {
    did,
    guide,
    office,
    asked: (wanted: string) => did.filter(([one]) => one === wanted).map(([, what]) => what),
  };
}
const button = (name: string) => screen.findByRole('button', { name });
const press = async (name: string) => fireEvent.click(await button(name));
const isOff = async (name: string) => (await button(name)).getAttribute('aria-disabled') === 'true';
const heading = () => screen.getByRole('heading', { level: 1 }).textContent;

describe('the way to a working line', () => {
  afterEach(cleanup);

  it('takes the numbers that are picked, and says where they answer today', async () => {
    const numbers = [number({}), number({ number: '+16285550164', display: '(628) 555-0164', texts: false })];
    const { asked, guide } = await at('lines', { account_numbers: { numbers }, choose_lines: { numbers } });
    await press('Use the picked numbers');
    expect(screen.getByRole('alert').textContent).toContain('Pick at least one number.');
    expect(screen.getByText('Texts not yet')).toBeTruthy();
    await fireEvent.click(screen.getByRole('checkbox', { name: /555-0142/ }));
    expect(screen.getByText(/It plays a Twilio demo message/)).toBeTruthy();
    await press('Use this number');
    await waitFor(() => expect(guide.step).toBe('address'));
    expect(asked('choose_lines')).toEqual([{ numbers: [MAIN] }]);
    expect(asked('setup_step')).toEqual([{ step: 'lines', state: 'done' }]);
  });

  it('leads to where more of the past is brought in, and leaves the rest for later', async () => {
    const { guide, office } = await at('lines', { account_numbers: { numbers: [number({})] } });
    await press('in Settings, under Lines');
    await waitFor(() => expect(office.section).toBe('settings'));
    expect([guide.going, office.settingsSection, lineCheckOf(office).part]).toEqual([
      false,
      'line',
      'history',
    ]);
  });

  it('leads to Twilio where the account has no number, and looks again', async () => {
    let numbers: AccountNumber[] = [];
    const { asked } = await at('lines', { account_numbers: () => ({ numbers }) });
    await press('Get a number at Twilio');
    expect(asked('link')).toEqual(['https://console.twilio.com/us1/develop/phone-numbers/manage/search']);
    numbers = [number({})];
    await press('Look again');
    // The only one there is, is meant.
    expect(await button('Use this number')).toBeTruthy();
  });

  it('says what Twilio said when it could not be asked, and asks again', async () => {
    let away = true;
    await at('lines', {
      account_numbers: () => {
        if (away) throw refusal('Twilio did not answer.', 'Look whether this computer is online.');
        return { numbers: [number({ used: true })] };
      },
    });
    expect((await screen.findByRole('alert')).textContent).toContain('Twilio did not answer.');
    away = false;
    await press('Try again');
    expect(await screen.findByRole('checkbox', { name: /555-0142/ })).toHaveProperty('checked', true);
  });

  it('opens a way with nothing typed, and goes on once a test call-in came through', async () => {
    let now = address({});
    const { asked, guide } = await at('address', {
      address: () => now,
      apply_settings: ({ address: wanted }: Pick<Settings, 'address'>) => {
        now = address({ way: wanted.way, state: 'opening', address: HERE });
        return { address: wanted };
      },
      knock: () => {
        now = { ...now, state: 'open', knock_ms: 312 };
        return { through: true, took_ms: 312, problem: null, hint: null };
      },
    });
    expect(await screen.findByRole('radio', { name: /set it up/ })).toHaveProperty('checked', true);
    await press('Use this way');
    expect(asked('apply_settings')).toEqual([
      { address: { way: 'cloudflare_quick', address: '', tunnel: '', follow: true } },
    ]);
    expect(await screen.findByText('A test call-in came through')).toBeTruthy();
    await waitFor(async () => expect(await isOff('Continue')).toBe(false));
    await press('Continue');
    await waitFor(() => expect(guide.step).toBe('point'));
  });

  it('leads with the way that needs nothing, or with what it lacks', async () => {
    await at('address', { address: address({}) });
    const others = () => screen.getByText(/^Other ways/).closest('details');
    expect(await screen.findByRole('radio', { name: /set it up/ })).toBeTruthy();
    expect(others()?.open).toBe(false);
    // A card, until there is more to choose from.
    expect(document.querySelectorAll('.lone input')).toHaveLength(1);
    await fireEvent.click(screen.getByText(/^Other ways/));
    await waitFor(() => expect(others()?.open).toBe(true));
    await waitFor(() => expect(document.querySelector('.lone')).toBeNull());
    cleanup();
    await at('address', { address: address({ programs: [] }) });
    expect(await button('Get cloudflared')).toBeTruthy();
    expect(screen.queryByRole('radio', { name: /set it up/ })).toBeNull();
    // What is left to pick is in sight when one is told to.
    expect(others()?.open).toBe(false);
    await press('Use this way');
    expect((await screen.findByRole('alert')).textContent).toContain('Pick a way first.');
    expect(others()?.open).toBe(true);
    cleanup();
    // What needs nothing but is another one is chosen, and seen.
    const tailscale = { program: 'tailscale', version: '1.80', usable: true };
    await at('address', { address: address({ programs: [tailscale] }) });
    expect(await screen.findByRole('radio', { name: /Tailscale/ })).toHaveProperty('checked', true);
    expect(others()?.open).toBe(true);
  });

  it('says why nobody comes through, and offers another way', async () => {
    const blocked = address({
      way: 'own',
      state: 'blocked',
      address: HERE,
      problem: 'Something else answers at this address.',
      hint: 'Look where it leads.',
    });
    const { guide } = await at('address', { address: blocked, knock: {} });
    const list = within(await screen.findByRole('list', { name: 'What is tried, in order' }));
    expect(list.getByText('Something else answers at this address. Look where it leads.')).toBeTruthy();
    expect(await isOff('Continue')).toBe(true);
    await press('Choose another way');
    expect(heading()).toBe('How should calls and texts find this computer?');
    await press('Keep the way I have');
    await press('Skip this step');
    await waitFor(() => expect(guide.step).toBe('point'));
  });

  it('shows exactly what changes, mends what is in the way, and reads it again', async () => {
    const override = {
      kind: 'messaging_service',
      sid: 'MG1',
      name: 'Marketing',
      said: 'Its texts go elsewhere.',
      mend: 'Let this number’s own address win.',
    } as const;
    const change = { what: 'Texts go to', field: 'SmsUrl', now: '', then: `${HERE}/sms` };
    const before = {
      number: MAIN,
      display: '(415) 555-0142',
      changes: [change],
      overrides: [override],
      before: [],
    };
    let plan: LinesPlan = { address: HERE, unseen: false, numbers: [before] };
    let refuses = true;
    const { asked, guide } = await at('point', {
      plan_lines: () => plan,
      set_up_lines: () => {
        if (refuses) throw refusal('Twilio refused to change (415) 555-0142.', 'Try once more.');
        plan = { address: HERE, unseen: false, numbers: [{ ...before, changes: [], overrides: [] }] };
        return plan;
      },
    });
    expect(await screen.findByText('this computer')).toBeTruthy();
    expect(screen.getByText('SmsUrl')).toBeTruthy();
    expect(screen.getByText('Messaging Service “Marketing”')).toBeTruthy();
    await press('Set it up for me');
    expect((await screen.findByRole('alert')).textContent).toContain('Twilio refused to change');
    refuses = false;
    await press('Set it up for me');
    expect(await screen.findByText('Your numbers point here.')).toBeTruthy();
    expect(asked('set_up_lines')).toEqual([{ overrides: true }, { overrides: true }]);
    await press('Continue');
    await waitFor(() => expect(guide.step).toBe('hours'));
  });

  it('leads back where there is no way yet', async () => {
    const one = { number: MAIN, display: '(415) 555-0142', changes: [], overrides: [], before: [] };
    const { guide } = await at('point', {
      plan_lines: { address: null, unseen: false, numbers: [one] },
      address: address({}),
    });
    await press('Choose a way');
    expect(guide.step).toBe('address');
  });

  it('leads to connecting again where Twilio refuses the sign-in', async () => {
    const open = address({ way: 'own', state: 'open', address: HERE });
    const { asked } = await at('address', { address: open }, { connected: false, sign_in_refused: true });
    expect(await screen.findByText('Twilio no longer accepts your sign-in')).toBeTruthy();
    await press('Connect again');
    expect(asked('anew')).toHaveLength(1);
  });

  it('makes the sleep backup on another try where Twilio refused the first', async () => {
    const { asked } = await at('backup', {
      backup: backup({ state: 'by_hand', said: 'Twilio does not let us.' }),
      make_backup: backup({ state: 'unheard', said: 'It is made.' }),
    });
    expect(await screen.findByText('Make it at Twilio, in three steps')).toBeTruthy();
    await press('Try again to make it for me');
    expect(await screen.findByText('It is made.')).toBeTruthy();
    expect(asked('make_backup')).toHaveLength(1);
  });

  it('keeps the try of the line while pages are turned', async () => {
    const text = (id: string, incoming: boolean) =>
      ({ type: 'text', id, incoming, body: id, at: Date.now(), status: 'delivered' }) as TimelineItem;
    let timeline = [text('hello', false)];
    let calls: Partial<Call>[] = [{ id: 'long ago', incoming: true, at: 1 }];
    const { asked, guide, office } = await at('test', {
      begin: { id: 'me' },
      send_text: { id: 'hello' },
      conversation: () => ({ timeline }),
      calls: () => calls,
    });
    office.lines = {
      business_name: '',
      lines: [{ id: 'l', number: MAIN, display: MAIN }],
    } as typeof office.lines;
    await fireEvent.input(await screen.findByLabelText('Your mobile'), { target: { value: '4155550107' } });
    await press('Send a text');
    expect(await screen.findByText('hello')).toBeTruthy();
    expect(screen.getByText('No call yet')).toBeTruthy();
    await press('Back');
    await waitFor(() => expect(heading()).toBe('While this computer sleeps'));
    timeline = [...timeline, text('it works', true)];
    calls = [{ id: 'mine', incoming: true, at: Date.now() + 1, kind: 'number', with: MAIN }, ...calls];
    guide.go('test');
    expect(await screen.findByText('it works')).toBeTruthy();
    expect(await screen.findByText('Your call came in.')).toBeTruthy();
    expect(await screen.findByLabelText('Your mobile')).toHaveProperty('value', '4155550107');
    expect(await button('Send again')).toBeTruthy();
    expect(asked('send_text')).toHaveLength(1);
  });

  it('can be put off at any step but the last, which has nothing after it', async () => {
    const { guide } = await at('address', { address: address({}) });
    await press('Finish later');
    await waitFor(() => expect(guide.going).toBe(false));
    cleanup();
    const last = await at('rules', { doctor: { checks: [] } });
    expect([...document.querySelectorAll('footer button')].map((one) => one.textContent?.trim())).toEqual([
      'Back',
      'Done, open my inbox',
    ]);
    await press('Done, open my inbox');
    await waitFor(() => expect(last.guide.going).toBe(false));
    expect(last.asked('setup_step')).toEqual([{ step: 'rules', state: 'done' }]);
  });
});

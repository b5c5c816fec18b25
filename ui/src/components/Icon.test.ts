import { cleanup, render } from '@testing-library/svelte';
import Bell from '@lucide/svelte/icons/bell';
import { afterEach, describe, expect, it } from 'vitest';
// Not as its icons name it: this is the one ours stands for.
import LucideIcon from '../../node_modules/@lucide/svelte/dist/Icon.svelte';
import Icon from './Icon.svelte';

const sources = import.meta.glob<string>('../**/*.svelte', { query: '?raw', import: 'default', eager: true });
const icons = import.meta.glob<string>('../../node_modules/@lucide/svelte/dist/icons/*.svelte', {
  query: '?raw',
  import: 'default',
});

/** The icons our views use, by the names of Lucide's files. */
const used = new Set(
  Object.values(sources).flatMap((source) =>
    [...source.matchAll(/@lucide\/svelte\/icons\/([\w-]+)/g)].map(([, name]) => name),
  ),
);

function attributes(element: Element): Record<string, string> {
  return Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value]));
}

/** What is drawn, without what nobody here looks at. */
function drawn(container: HTMLElement) {
  const svg = container.querySelector('svg') as SVGElement;
  const own = attributes(svg);
  delete own['class'];
  delete own['xmlns'];
  const shapes = [...svg.querySelectorAll('*')].map((one) => [
    ...[one.namespaceURI, one.tagName, one.parentElement === (svg as Element)],
    attributes(one),
  ]);
  return { own, shapes };
}

describe('an icon', () => {
  afterEach(cleanup);

  it('is drawn as Lucide draws it, each time', async () => {
    let checked = 0;
    for (const name of used) {
      // Where Lucide renamed one, the file only names the other.
      const source = await icons[`../../node_modules/@lucide/svelte/dist/icons/${name}.svelte`]?.();
      if (source === undefined) continue;
      const icon = JSON.parse(/iconData = (.*);/.exec(source)?.[1] ?? '');
      const props = { icon, size: '0.875rem', strokeWidth: 1.75 };
      const theirs = drawn(render(LucideIcon, props).container);
      expect(theirs.shapes.length, name).toBeGreaterThan(0);
      const ours = [1, 2].map(() => drawn(render(Icon, props).container));
      expect(ours, name).toEqual([theirs, theirs]);
      checked += 1;
    }
    expect(checked).toBeGreaterThan(50);
  });

  it('is read out only where it has a name', () => {
    const icon = { name: 'dot', node: [['circle', { cx: '12', cy: '12', r: '1' }]] } as never;
    for (const given of [
      {},
      { 'aria-hidden': 'true' },
      { 'aria-label': 'Done' },
      { fill: 'currentColor' },
    ] as const) {
      const props = { icon, ...given };
      expect(drawn(render(Icon, props).container)).toEqual(drawn(render(LucideIcon, props).container));
    }
  });

  it('is ours wherever one of Lucide’s is named', async () => {
    const view = render(Bell, { class: 'turning', size: 16 });
    const svg = view.container.querySelector('svg');
    // Lucide's own has classes of Lucide's too.
    expect(svg?.getAttribute('class')).toBe('turning');
    await view.rerender({ size: 24 });
    expect([svg?.getAttribute('width'), svg?.children.length]).toEqual(['24', 2]);
  });

  it('is given nothing that it would not draw', () => {
    const known = ['size', 'strokeWidth', 'fill', 'class', 'aria-hidden', 'aria-label'];
    let uses = 0;
    for (const [path, source] of Object.entries(sources)) {
      const names = [...source.matchAll(/import (\w+) from '@lucide\/svelte\/icons\//g)].map(
        ([, name]) => name,
      );
      if (names.length === 0) continue;
      for (const [tag, , given] of source.matchAll(
        new RegExp(`<(${names.join('|')}|Icon)\\s([^>]*)/>`, 'g'),
      )) {
        const props = [...(given ?? '').matchAll(/(?:^|\s)(?:([\w-]+)=|\{(\.*\w+)\})/g)];
        for (const [, named, short] of props) expect(known, `${path}: ${tag}`).toContain(named ?? short);
        uses += 1;
      }
    }
    expect(uses).toBeGreaterThan(100);
  });
});

import { describe, expect, it } from 'vitest';
import { commandLine, split, typed } from './arguments';

describe('arguments', () => {
  it('are separated by spaces and lines, and quotes keep together', () => {
    for (const [text, all] of [
      ['', []],
      ['  \n ', []],
      ['-m base.bin {file}', ['-m', 'base.bin', '{file}']],
      ['-m\n  "my models/base.bin"\t-x', ['-m', 'my models/base.bin', '-x']],
      ["--prompt 'Bell & Daughter' ''", ['--prompt', 'Bell & Daughter', '']],
      [`--out="a b"c`, ['--out=a bc']],
      [`'it'"'"'s'`, ["it's"]],
      ['C:\\models\\base.bin "C:\\Program Files\\"', ['C:\\models\\base.bin', 'C:\\Program Files\\']],
    ] as const) {
      expect(split(text), text).toEqual(all);
    }
  });

  it('with a quote that is never closed are none', () => {
    expect(split('-m "base.bin')).toEqual({ open: '"' });
    expect(split("don't")).toEqual({ open: "'" });
  });

  it('are typed so that they are read the same', () => {
    for (const all of [
      [],
      ['-m', 'base.bin', '{file}'],
      ['-l', '-', '--x=1', 'a b', ''],
      ["it's", "'", "''", `"`, `a"b'c d`, 'C:\\a b\\', 'two\nlines'],
    ]) {
      expect(split(typed(all)), typed(all)).toEqual(all);
    }
    expect(typed(['--model', 'my base.bin', '-np', '-f', '{file}'])).toBe(
      "--model 'my base.bin'\n-np\n-f {file}",
    );
  });

  it('show what runs, with the sound file last where it is not named', () => {
    expect(commandLine('whisper', ['-f', '{file}', '-np'], 'message.wav')).toBe('whisper -f message.wav -np');
    expect(commandLine('/opt/my whisper', ['-np'], 'message.wav')).toBe("'/opt/my whisper' -np message.wav");
  });
});

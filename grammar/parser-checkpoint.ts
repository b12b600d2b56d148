// Checkpoint sections: which tensors of a file are which weights.
import type { ParserMethod } from 'chevrotain';
import type { CheckpointEntry, CheckpointStatement, Name as NameNode, TensorName, Text } from './ast.ts';
import { entryWithoutPattern, entryWithoutWeight, expectedEntry } from './errors.ts';
import { given } from './given.ts';
import { StripeParser } from './parser-stripes.ts';
import { isEntryStart } from './resume.ts';
import {
  AnyToken,
  Bar,
  Comma,
  Dot,
  Equals,
  LeftBrace,
  LeftBracket,
  Name,
  Plus,
  RightBrace,
  Semicolon,
  StringToken,
} from './tokens.ts';

type EntryHead = Omit<CheckpointEntry, 'also' | 'entries'>;

export abstract class CheckpointParser extends StripeParser {
  readonly checkpointStatement: ParserMethod<[], CheckpointStatement> = this.RULE(
    'checkpointStatement',
    (): CheckpointStatement => {
      const first = this.CONSUME(Name);
      const entries = this.SUBRULE(this.checkpointEntries);
      return { kind: 'checkpoint', entries, span: this.spanFrom(first) };
    },
  );

  readonly checkpointEntries: ParserMethod<[], readonly CheckpointEntry[]> = this.RULE(
    'checkpointEntries',
    () => {
      const entries: CheckpointEntry[] = [];
      this.CONSUME(LeftBrace);
      this.MANY({
        GATE: () => this.isInsideBody(),
        DEF: () =>
          this.OR({
            DEF: [
              { ALT: () => this.CONSUME(Semicolon) },
              {
                ALT: () => {
                  const entry = this.attempt(
                    () => this.SUBRULE(this.checkpointEntry),
                    (open) => this.skipStatement(open, isEntryStart),
                  );
                  if (entry !== undefined) entries.push(entry);
                },
              },
            ],
            IGNORE_AMBIGUITIES: true,
          }),
      });
      this.closeBody();
      return entries;
    },
  );

  readonly checkpointEntry: ParserMethod<[], CheckpointEntry> = this.RULE(
    'checkpointEntry',
    (): CheckpointEntry => {
      const first = this.LA(1);
      const head = this.SUBRULE(this.entryHead);
      const also: CheckpointEntry[] = [];
      this.MANY(() => {
        this.CONSUME(Comma);
        const other = this.SUBRULE1(this.entryHead);
        this.ACTION(() => {
          if (isEmpty(other)) this.report(entryWithoutPattern(other.subjects, other.span));
          also.push({ ...other, also: [], entries: [] });
        });
      });
      let entries: readonly CheckpointEntry[] = [];
      const hasEntries = this.at(LeftBrace);
      this.OPTION(() => {
        entries = this.SUBRULE(this.checkpointEntries);
      });
      return this.ACTION(() => {
        if (isEmpty(head) && !hasEntries) this.report(entryWithoutPattern(head.subjects, head.span));
        else if (isOfNoWeight(head) && !hasEntries) this.report(entryWithoutWeight(head.span));
        return { ...head, also, entries, span: this.spanFrom(first) };
      });
    },
  );

  /** An entry without what stands behind its comma and in its braces. */
  readonly entryHead: ParserMethod<[], EntryHead> = this.RULE('entryHead', (): EntryHead => {
    const first = this.LA(1);
    this.expectEntry();
    const mode = this.entryMode();
    const subjects: (readonly NameNode[])[] = [];
    let patterns: readonly TensorName[] = [];
    this.OR({
      DEF: [
        {
          GATE: () => this.at(Name),
          ALT: () => {
            this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => subjects.push(this.SUBRULE(this.dottedName)) });
            patterns = this.OPTION1(() => this.SUBRULE(this.patterns)) ?? [];
          },
        },
        {
          GATE: () => this.at(StringToken),
          ALT: () => {
            patterns = this.SUBRULE1(this.patterns);
          },
        },
        { ALT: () => this.CONSUME(AnyToken) },
      ],
      IGNORE_AMBIGUITIES: true,
    });
    const stored = this.OPTION2({
      GATE: () => this.atWord('as') && this.at(LeftBracket, 2),
      DEF: () => {
        this.CONSUME2(Name);
        return this.SUBRULE(this.storedShape);
      },
    });
    const fold = this.OPTION3(() => {
      this.CONSUME(Equals);
      return this.SUBRULE(this.expression);
    });
    return {
      kind: 'checkpointEntry',
      mode,
      subjects,
      patterns,
      ...given({ stored, fold }),
      span: this.spanFrom(first),
    };
  });

  readonly dottedName: ParserMethod<[], readonly NameNode[]> = this.RULE('dottedName', () => {
    const names = [this.nameOf(this.CONSUME(Name))];
    this.MANY(() => {
      this.CONSUME(Dot);
      names.push(this.nameOf(this.CONSUME1(Name)));
    });
    return names;
  });

  /** `"a" | "b"` */
  readonly patterns: ParserMethod<[], readonly TensorName[]> = this.RULE('patterns', () => {
    const found: TensorName[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: Bar, DEF: () => found.push(this.SUBRULE(this.tensorName)) });
    return found;
  });

  /** `"a" + "b"` */
  readonly tensorName: ParserMethod<[], TensorName> = this.RULE('tensorName', (): TensorName => {
    const first = this.LA(1);
    const name = this.textOf(this.CONSUME(StringToken));
    const and: Text[] = [];
    this.MANY(() => {
      this.CONSUME(Plus);
      and.push(this.textOf(this.CONSUME1(StringToken)));
    });
    return this.ACTION(() => (and.length === 0 ? name : { ...name, and, span: this.spanFrom(first) }));
  });

  /** `layer i`, `optional bias`, `ignore "x"`: words of the section where a subject or a pattern follows. */
  private entryMode(): CheckpointEntry['mode'] {
    let mode: CheckpointEntry['mode'] = 'plain';
    this.OPTION({
      GATE: () => this.atMode(),
      DEF: () => {
        const word = this.CONSUME(Name).image;
        if (word === 'layer' || word === 'optional' || word === 'ignore' || word === 'instead') mode = word;
      },
    });
    return mode;
  }

  private atMode(): boolean {
    if (this.atWordAndName('layer') || this.atWordAndName('instead'))
      return !this.atWord('as', 2) || !this.at(LeftBracket, 3);
    if (!this.atWord('optional') && !this.atWord('ignore')) return false;
    return this.at(Name, 2) || this.at(StringToken, 2);
  }

  private expectEntry(): void {
    if (this.isRecording || this.at(Name) || this.at(StringToken)) return;
    this.fail(expectedEntry(this.source, this.LA(1), this.LA(0), this.at(RightBrace)));
  }
}

function isEmpty(head: EntryHead): boolean {
  return head.patterns.length === 0 && head.stored === undefined && head.fold === undefined;
}

/** A tensor alone, without a weight before it and without a shape whose labels are weights. */
function isOfNoWeight({ mode, subjects, stored }: EntryHead): boolean {
  return mode === 'plain' && subjects.length === 0 && stored === undefined;
}

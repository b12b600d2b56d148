// How a mistake of syntax becomes a diagnostic.
import type { Diagnostic, Label, Span } from './source.ts';

/** What a diagnostic says beyond its message. */
interface Extra {
  readonly label?: string;
  readonly secondary?: readonly Label[];
  readonly help?: readonly string[];
}

/** An error at a place. */
export function error(code: string, message: string, span: Span, extra: Extra = {}): Diagnostic {
  const { label = '', secondary, help } = extra;
  return {
    severity: 'error',
    code,
    message,
    primary: { span, text: label },
    ...(secondary === undefined ? {} : { secondary }),
    ...(help === undefined ? {} : { help }),
  };
}

// The bundle's typed façade: model.ts built as one structure, with its JavaScript and declarations made from the same text.
import { format } from 'prettier';
import { Project, StructureKind, ts, VariableDeclarationKind } from 'ts-morph';
import type { SourceFileStructure, StatementStructures } from 'ts-morph';
import type { Plan } from '../../runtime/plan.ts';
import type { BundleFile } from './emit.ts';

/** model.ts, model.js and model.d.ts. `runtime` is the module specifier of the runtime. */
export async function emitFacade(
  plan: Plan,
  source: string,
  runtime: string,
): Promise<readonly BundleFile[]> {
  const project = new Project({ useInMemoryFileSystem: true, skipLoadingLibFiles: true });
  const text = await pretty(
    project.createSourceFile('model.ts', facade(plan, source, runtime)).getFullText(),
  );
  return [
    { path: 'model.ts', text },
    {
      path: 'model.js',
      text: await pretty(ts.transpileModule(text, { compilerOptions: OPTIONS }).outputText),
    },
    {
      path: 'model.d.ts',
      text: await pretty(ts.transpileDeclaration(text, { compilerOptions: OPTIONS }).outputText),
    },
  ];
}

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
};

function pretty(text: string): Promise<string> {
  return format(text, { parser: 'typescript', printWidth: 110, singleQuote: true });
}

function facade(plan: Plan, source: string, runtime: string): SourceFileStructure {
  return {
    kind: StructureKind.SourceFile,
    statements: [
      `// The model \`${plan.name}\`, compiled by hyb from ${source}. The plan is manifest.json beside this file.`,
      {
        kind: StructureKind.ImportDeclaration,
        moduleSpecifier: runtime,
        namedImports: ['load as loadBundle'],
      },
      {
        kind: StructureKind.ImportDeclaration,
        isTypeOnly: true,
        moduleSpecifier: runtime,
        namedImports: writesText(plan)
          ? ['GenerateOptions', 'LoadedModel', 'LoadOptions']
          : ['Encoded', 'EncodeOptions', 'LoadedModel', 'LoadOptions', 'SequenceInput'],
      },
      ...constants(plan),
      union('WeightName', 'The names of the weights, as the plan and its reports have them.', [
        ...plan.weights,
        ...plan.derived.flatMap(({ weights }) => weights),
      ]),
      union('StateName', 'The names of the pieces of state that a session keeps.', plan.states),
      ...(writesText(plan)
        ? []
        : [union('OutputName', 'The names of what the model gives.', plan.outputs ?? [{ name: 'logits' }])]),
      loadFunction(),
      writesText(plan) ? generateFunction() : encodeFunction(plan),
    ],
  };
}

function constants(plan: Plan): readonly StatementStructures[] {
  return [
    constant('name', 'string', JSON.stringify(plan.name), 'The model’s name in the source.'),
    constant('vocab', 'number', String(plan.vocab), 'Token ids are 0 … vocab − 1.'),
    constant(
      'capacity',
      'number | null',
      String(plan.capacity),
      'Most positions a sequence may have; null where every state is bounded.',
    ),
    constant('manifest', 'URL', "new URL('./manifest.json', import.meta.url)", 'Where the plan is.'),
  ];
}

function constant(name: string, type: string, initializer: string, doc: string): StatementStructures {
  return {
    kind: StructureKind.VariableStatement,
    isExported: true,
    declarationKind: VariableDeclarationKind.Const,
    declarations: [{ name, type, initializer }],
    docs: [doc],
  };
}

/** A union of string literals; `never` where there is nothing to name. */
function union(name: string, doc: string, named: readonly { readonly name: string }[]): StatementStructures {
  const literals = [...new Set(named.map((item) => JSON.stringify(item.name)))];
  return {
    kind: StructureKind.TypeAlias,
    isExported: true,
    name,
    type: literals.length === 0 ? 'never' : literals.join(' | '),
    docs: [doc],
  };
}

function loadFunction(): StatementStructures {
  return {
    kind: StructureKind.Function,
    isExported: true,
    name: 'load',
    parameters: [{ name: 'options', type: 'LoadOptions' }],
    returnType: 'Promise<LoadedModel>',
    statements: ['return loadBundle(manifest, options);'],
    docs: ['Loads the weights onto the GPU. Throws a HybError that says what to do.'],
  };
}

function generateFunction(): StatementStructures {
  return {
    kind: StructureKind.Function,
    isExported: true,
    isAsync: true,
    isGenerator: true,
    name: 'generate',
    parameters: [
      { name: 'prompt', type: 'readonly number[]' },
      { name: 'options', type: 'LoadOptions & GenerateOptions' },
    ],
    returnType: 'AsyncGenerator<number, void, void>',
    statements: [
      'const model = await load(options);',
      'try { yield* (await model.session()).generate(prompt, options); } finally { model.destroy(); }',
    ],
    docs: [
      'Loads the model, gives the token ids that follow the prompt one by one, and frees everything at the end.',
    ],
  };
}

/** Whether tokens are drawn from its logits; else it gives what it makes of whole sequences. */
export function writesText({ readsAhead, features, outputs }: Plan): boolean {
  const hasLogits = outputs === undefined || outputs.some(({ name }) => name === 'logits');
  return readsAhead === undefined && features === undefined && hasLogits;
}

function encodeFunction({ features }: Plan): StatementStructures {
  const input =
    features === undefined
      ? 'The token ids of a sequence.'
      : `The \`${features.name}\` of a sequence: the ${features.elements} numbers of one position after those of another.`;
  return {
    kind: StructureKind.Function,
    isExported: true,
    isAsync: true,
    name: 'encode',
    parameters: [
      { name: 'input', type: 'SequenceInput' },
      { name: 'options', type: 'LoadOptions & EncodeOptions' },
    ],
    returnType: 'Promise<Encoded>',
    statements: [
      'const model = await load(options);',
      'try { return await model.encode(input, options); } finally { model.destroy(); }',
    ],
    docs: [
      `Loads the model, gives what it makes of one sequence, and frees everything. For several sequences call \`load\` once and \`model.encode\` for each. ${input}`,
    ],
  };
}

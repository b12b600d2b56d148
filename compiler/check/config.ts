// Reads a published model's config file into constants, with both dialects of the rotary fields told the same way.
import type { Checked, Source } from '../../grammar/source.ts';
import { isObject, type Constant, type ConstantObject } from './constant.ts';
import { parseLooseJson } from './loose-json.ts';

/** The constants of a config file; `text` is JSON that may hold bare `Infinity` and `NaN`, `name` is for messages. */
export function readConfig(text: string, name: string): Checked<ConstantObject> {
  const source: Source = { name, text };
  const parsed = parseLooseJson(source);
  if (parsed.value === undefined) return { diagnostics: parsed.diagnostics };
  return { value: withRotaryFields(withTextFields(parsed.value)), diagnostics: parsed.diagnostics };
}

/** Models that also see or hear keep what their text part needs under `text_config`; its fields count unless the outer ones say otherwise. */
function withTextFields(config: ConstantObject): ConstantObject {
  const text = config['text_config'];
  if (text === undefined || !isObject(text)) return config;
  const said = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null));
  return { ...config, ...text, ...said };
}

/**
 * Tells both dialects the same way: `rope_theta`, `rope_scaling` and `partial_rotary_factor` from `rope_parameters` or `rope_scaling`, where
 * they are there, and in `rope_scaling` both `rope_type` and `type`. A scaling of type "default" is none. Parameters nested by
 * kind of layer stay as they are, reachable as `config.rope_parameters.KIND`.
 */
export function withRotaryFields(config: ConstantObject): ConstantObject {
  const groups = [config['rope_parameters'], config['rope_scaling']].filter(isGroup);
  const [last] = groups.slice(-1);
  if (last === undefined) return config;
  const added: Record<string, Constant> = { rope_scaling: normaliseScaling(last, config) };
  for (const group of groups) {
    for (const name of ['rope_theta', 'partial_rotary_factor']) {
      const value = group[name];
      if (value !== undefined && (value !== null || config[name] === undefined)) added[name] = value;
    }
  }
  return { ...config, ...added };
}

function isGroup(value: Constant | undefined): value is ConstantObject {
  return value !== undefined && isObject(value);
}

/** None for the default type and for parameters that say no type; otherwise the fields with both spellings of the type. */
function normaliseScaling(fields: ConstantObject, config: ConstantObject): Constant {
  const type = fields['rope_type'] ?? fields['type'] ?? null;
  if (type === null || type === 'default') return null;
  const length =
    fields['original_max_position_embeddings'] ??
    config['original_max_position_embeddings'] ??
    config['max_position_embeddings'];
  return {
    ...fields,
    rope_type: type,
    type,
    ...(length !== undefined && { original_max_position_embeddings: length }),
  };
}

// The long convolutions of a graph in words: how prefill does them and why, and what a token by itself costs.
import { valueName } from '../fuse/facts.ts';
import { nodeAt } from '../ir/ops/index.ts';
import type { ChosenForm } from '../kernels/longconv/choose.ts';
import { MOST_SUMMED } from '../kernels/longconv/tuning.ts';
import { LONG_CONV_KERNELS } from '../kernels/longconv-kernels.ts';
import type { PlannedGraph } from '../plan-graph.ts';
import type { ConvolutionSummary } from './explanation.ts';

/** In the order of the bodies' first calls. */
export function convolutionSummaries({ fused, forms }: PlannedGraph): readonly ConvolutionSummary[] {
  const names = [...new Set(fused.calls.map((call) => call.body))];
  return names.flatMap((name) => {
    const body = fused.bodies[name];
    const sites = fused.calls.filter((call) => call.body === name).length;
    return [...(forms.get(name) ?? [])].flatMap(([id, chosen]): readonly ConvolutionSummary[] => {
      if (body === undefined) return [];
      const { channels, members, back, ahead } = chosen.shape;
      return [
        {
          body: name,
          sites,
          name: valueName(body, nodeAt(body.nodes, id).id),
          channels,
          filters: channels / members,
          back,
          ahead,
          form: chosen.plan.form,
          prefill: prefillText(chosen),
          decode: decodeText(chosen),
        },
      ];
    });
  });
}

function prefillText({ plan, wished, refused, counted, shape }: ChosenForm): string {
  const kind = LONG_CONV_KERNELS.find(({ form }) => form === plan.form)?.kind ?? '';
  const all = counted.map(({ plan: { form }, steps }) => `${form} ${thousands(steps)}`).join(', ');
  const least =
    refused === undefined ? 'the fewest steps' : `${refused} does not fit here, so the fewest steps`;
  const why = wished ? 'as asked for' : least;
  const sizes = plan.dispatches.map(({ name, workgroups }) => `${name} ${workgroups}`).join(', ');
  return `${plan.form} (${kind}): ${why} of ${all} for ${shape.maximum} tokens; workgroups: ${sizes}`;
}

function decodeText({ shape: { back, ahead, channels }, tile }: ChosenForm): string {
  if (ahead > 0) return 'none: it reads later positions';
  if (back <= MOST_SUMMED) return `sums ${back + 1} taps anew`;
  const block = Math.min(tile?.block ?? back, back);
  const average = thousands(channels * (1 + block / 2));
  const products = `${average} products a token on average for tiles of up to ${block} positions`;
  const larger = tile === undefined ? '' : '; larger tiles by transforms of blocks';
  return `exact, in tiles: ${products}${larger}`;
}

function thousands(count: number): string {
  return count < 1000 ? String(Math.round(count)) : `${Math.round(count / 1000)}k`;
}

// The page of a standalone bundle: loads weights from chosen files or an address and writes text, or shows what a sequence is encoded to,
// with nothing but this folder.

/** What the page does with a model: text is written, tokens or features are encoded. */
export type PageUse = 'write' | 'encode tokens' | 'encode features';

/** index.html. It reads model.js and runtime/ beside it, and tokenizers.js where a tokenizer.json is given. */
export function pageText(name: string, use: PageUse): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${escaped(name)}</title>
    <style>
${STYLE}
    </style>
  </head>
  <body data-state="idle">
    <h1>${escaped(name)}</h1>
    <form>
      <label>
        Weights: the model's .safetensors, tokenizer.json and config.json
        <input name="files" type="file" multiple accept=".safetensors,.json" />
      </label>
${use === 'write' ? PROMPT : sequenceForm(use)}
    </form>
    <pre id="text"></pre>
    <p id="status" role="status"></p>
    <script type="module">
${LOADING}${use === 'write' ? WRITING : encoding(use)}${LISTENING}
    </script>
  </body>
</html>
`;
}

const PROMPT = `      <label>Prompt <textarea name="prompt" rows="3" placeholder="text, or token ids: 1, 2, 3"></textarea></label>
      <fieldset>
        <label>Tokens <input name="maxTokens" type="number" min="1" value="200" /></label>
        <label>Temperature <input name="temperature" type="number" min="0" step="0.1" value="0.8" /></label>
        <label>Seed <input name="seed" type="number" value="1" /></label>
        <button>Write</button>
      </fieldset>`;

function sequenceForm(use: PageUse): string {
  const hint =
    use === 'encode tokens'
      ? 'text, or token ids: 1, 2, 3'
      : 'the numbers of one position after those of another';
  return `      <label>Sequence <textarea name="prompt" rows="3" placeholder="${hint}"></textarea></label>
      <button>Encode</button>`;
}

const STYLE = `      body { font: 1rem/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; color-scheme: light dark; }
      label { display: block; margin: 0.5rem 0; }
      fieldset { display: flex; gap: 1rem; align-items: end; border: 0; padding: 0; }
      fieldset input { width: 6rem; display: block; }
      textarea { width: 100%; font: inherit; box-sizing: border-box; }
      pre { white-space: pre-wrap; font: inherit; min-height: 4rem; }
      #status { white-space: pre-wrap; }
      body[data-state='error'] #status { color: #c22; }`;

// The page's own script, in plain JavaScript. Backslashes are doubled: this is a template.
const LOADING = `      import { load } from './model.js';

      const form = document.querySelector('form');
      const query = new URLSearchParams(location.search);
      const STAGES = { kernels: 'compiling the kernels', weights: 'loading the weights', derived: 'preparing the weights' };
      let model;
      let loaded = '';

      function say(state, text) {
        document.body.dataset.state = state;
        document.querySelector('#status').textContent = text;
      }

      // ?weights=URL names a .safetensors file or a folder that ends in a slash, and may stand there twice; files chosen in the form come first.
      function chosen() {
        const files = [...form.elements.files.files];
        const weights = files.filter((file) => file.name.endsWith('.safetensors'));
        const addresses = query.getAll('weights').map((address) => new URL(address, location.href));
        const base = addresses[0] ?? null;
        const json = async (name) => {
          const file = files.find((candidate) => candidate.name === name);
          if (file) return JSON.parse(await file.text());
          if (weights.length > 0 || base === null) return null;
          const response = await fetch(new URL(name, base));
          return response.ok ? response.json() : null;
        };
        const key = weights.map((file) => file.name + file.lastModified).join() || addresses.join();
        const named = weights.length > 0 ? weights : addresses;
        const input = named.length > 1 ? named : (named[0] ?? null);
        return { input, key, json };
      }

      async function readTokenizer(json) {
        const settings = await json('tokenizer.json').catch(() => null);
        if (settings === null) return null;
        const { Tokenizer } = await import('./tokenizers.js');
        return new Tokenizer(settings, (await json('tokenizer_config.json').catch(() => null)) ?? {});
      }

      async function loadChosen() {
        const { input, key, json } = chosen();
        if (input === null) throw new Error('Choose the weights first, or add ?weights=ADDRESS to this page.');
        if (loaded !== key) {
          model?.destroy();
          loaded = '';
          const onProgress = ({ stage, done, total }) =>
            say('loading', \`\${STAGES[stage]}: \${Math.floor((100 * done) / Math.max(total, 1))} %\`);
          say('loading', STAGES.weights);
          model = await load({ weights: input, onProgress });
          loaded = key;
        }
        return json;
      }

      // Without a tokenizer it is numbers that are written: token ids.
      function idsOf(text) {
        if (!/^[\\d\\s,]*$/.test(text))
          throw new Error('There is no tokenizer.json, so give token ids with commas between: 1, 2, 3');
        return (text.match(/\\d+/g) ?? []).map(Number);
      }

`;

const WRITING = `      async function write() {
        const json = await loadChosen();
        const tokenizer = await readTokenizer(json);
        const config = (await json('config.json').catch(() => null)) ?? {};
        const prompt = form.elements.prompt.value;
        const ids = tokenizer ? (prompt === '' ? [] : tokenizer.encode(prompt).ids) : idsOf(prompt);
        const bos = [config.bos_token_id].flat()[0];
        if (Number.isInteger(bos) && ids[0] !== bos) ids.unshift(bos);
        const show = () => {
          const options = { skip_special_tokens: true, clean_up_tokenization_spaces: false };
          const text = tokenizer ? tokenizer.decode(ids, options).replace(/\\uFFFD+$/, '') : ids.join(' ');
          document.querySelector('#text').textContent = text;
        };
        const number = (name) => Number(form.elements[name].value);
        // What comes last is not read again, so it needs no room.
        const { capacity, prefix = 0 } = model.plan;
        const room = capacity === null ? Infinity : capacity - prefix - ids.length + 1;
        const options = {
          maxTokens: Math.min(number('maxTokens'), Math.max(room, 1)),
          temperature: number('temperature'),
          seed: number('seed'),
          stop: [config.eos_token_id].flat().filter(Number.isInteger),
        };
        say('writing', 'writing');
        show();
        const start = performance.now();
        let count = 0;
        const session = await model.session();
        for await (const id of session.generate(ids, options)) {
          ids.push(id);
          count += 1;
          show();
        }
        session.destroy();
        say('done', \`\${count} tokens, \${((count / (performance.now() - start)) * 1000).toFixed(1)} tokens/s\`);
      }

`;

/** Shows of each output its shape and its first values. */
function encoding(use: PageUse): string {
  const read =
    use === 'encode tokens'
      ? `const tokenizer = await readTokenizer(json);
        const sequence = tokenizer ? tokenizer.encode(text).ids : idsOf(text);`
      : `const sequence = (text.match(/-?[\\d.]+(?:e-?\\d+)?/gi) ?? []).map(Number);`;
  return `      async function write() {
        const json = await loadChosen();
        const text = form.elements.prompt.value;
        ${read}
        say('writing', 'encoding');
        const start = performance.now();
        const outputs = Object.entries(await model.encode(sequence));
        const lines = outputs.map(([name, { data, shape }]) => {
          const values = [...data.slice(0, 8)].map((value) => value.toPrecision(6)).join(', ');
          return name + ' [' + shape.join(', ') + ']: ' + values + (data.length > 8 ? ', …' : '');
        });
        document.querySelector('#text').textContent = lines.join('\\n');
        say('done', (performance.now() - start).toFixed(0) + ' ms');
      }

`;
}

const LISTENING = `      form.addEventListener('submit', async (event) => {
        event.preventDefault();
        const button = form.querySelector('button');
        button.disabled = true;
        await write().catch((error) => say('error', error.message));
        button.disabled = false;
      });`;

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

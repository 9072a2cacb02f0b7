/* What a list of tools costs those who read it: a model's tokens, a connector's bytes. */
import { encode } from 'gpt-tokenizer/encoding/o200k_base';

/* A model reads name, description and arguments, in the tokens of o200k. */
export const tokensOf = ({ name, description, inputSchema }) => encode(JSON.stringify({ name, description, inputSchema })).length;

/* A connector cuts by the bytes of the whole. */
export const bytesOf = (tool) => Buffer.byteLength(JSON.stringify(tool));

const summary = (numbers) => {
	const total = numbers.reduce((sum, number) => sum + number, 0);
	return { total, average: Math.round(total / numbers.length), worst: Math.max(...numbers) };
};

export const costOf = (tools) => ({ tools: tools.length, tokens: summary(tools.map(tokensOf)), bytes: summary(tools.map(bytesOf)) });

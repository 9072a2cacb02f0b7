/* What az ends with: its words, after ERROR:, and its exit code. */
export class Failure extends Error {
	constructor(message, exitCode = 1) {
		super(message);
		this.exitCode = exitCode;
	}
}

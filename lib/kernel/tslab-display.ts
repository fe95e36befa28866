/** Lets `display` and `newDisplay` of the package tslab, which tutorials use, show under cells here. */
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Outputs } from './outputs';

/** What tslab's functions hand over: content of a display_data message. */
interface TslabData {
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly transient: { readonly display_id?: string };
}

/** The module in which tslab's own kernel says how to send; the public functions look there. */
interface TslabJupyter {
  lastWriteDisplayData: (content: TslabData, update?: boolean) => void;
}

export function provideTslabDisplay(root: string, outputs: Outputs): void {
  const fromTslab = createRequire(path.join(root, 'node_modules', 'tslab', 'dist', 'main.js'));
  const jupyter = fromTslab('./jupyter.js') as TslabJupyter;
  jupyter.lastWriteDisplayData = ({ data, metadata, transient }, update = false) => {
    const { display_id: displayId } = transient;
    outputs.display(data, { metadata, update, ...(displayId !== undefined && { displayId }) });
  };
}

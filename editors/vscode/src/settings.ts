/** The settings that somebody made: defaults are the server's own, and a default sent to it would hide a project's file. */

/** What VS Code knows of one setting; `undefined` is not set. */
export interface Inspected { globalValue?: unknown; workspaceValue?: unknown; workspaceFolderValue?: unknown }

/** Return the values that were set, nested as the server reads them. `user` are the keys that only the user may set. */
export function explicit(
  keys: readonly string[], user: ReadonlySet<string>, inspect: (key: string) => Inspected | undefined,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const key of keys) {
    const seen = inspect(key);
    const value = user.has(key)
      ? seen?.globalValue
      : (seen?.workspaceFolderValue ?? seen?.workspaceValue ?? seen?.globalValue);
    if (value !== undefined) {
      put(values, key.split("."), value);
    }
  }
  return values;
}

/** Put a value where nothing stands yet: what was set by somebody stays. */
export function preset(values: Record<string, unknown>, key: string, value: unknown): void {
  const names = key.split(".");
  let here: unknown = values;
  for (const name of names) {
    here = (here as Record<string, unknown> | undefined)?.[name];
  }
  if (here === undefined) {
    put(values, names, value);
  }
}

function put(values: Record<string, unknown>, names: string[], value: unknown): void {
  const [name, ...rest] = names as [string, ...string[]];
  if (rest.length) {
    put((values[name] ??= {}) as Record<string, unknown>, rest, value);
  } else {
    values[name] = value;
  }
}

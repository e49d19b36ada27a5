/** Keys of endpoints: whose they are, and where they must not stand. */

const known = new Set<string>();

/** The host of an endpoint with its port, as the server reads it; `undefined` where the address has none. */
export const hostOf = (url: string | undefined): string | undefined => /^https?:\/\/([^/?#\s@]+)(?:[/?#]|$)/i.exec(url?.trim() ?? "")?.[1]?.toLowerCase();

/** Have a key kept out of all that is shown. */
export const hide = (key: string) => { key && known.add(key); };

/** A text without the keys that are hidden. */
export const hidden = (text: string) => [...known].reduce((left, key) => left.replaceAll(key, "***").replaceAll(JSON.stringify(key).slice(1, -1), "***"), text);

/** The same channel, which writes no key that is hidden. */
export const discreet = <T extends object>(channel: T): T => new Proxy(channel, {
  get: (target, name) => {
    const value: unknown = Reflect.get(target, name);
    return typeof value !== "function" ? value
      : (...given: unknown[]) => value.apply(target, given.map((each) => (typeof each === "string" ? hidden(each) : each)));
  },
});

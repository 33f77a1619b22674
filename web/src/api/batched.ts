/** Many single look-ups of one moment become one request. */
type Waiting<T> = { resolve: (value: T | null) => void; reject: (error: unknown) => void };

/** A function of one id over a function of at most 100; ids that were not answered are null. */
export function batched<T extends { id: string }>(
  fetchMany: (ids: string[]) => Promise<T[]>,
): (id: string) => Promise<T | null> {
  let waiting = new Map<string, Waiting<T>[]>();
  const send = async () => {
    const due = [...waiting];
    waiting = new Map();
    for (let start = 0; start < due.length; start += 100)
      await answer(due.slice(start, start + 100), fetchMany);
  };
  return (id) =>
    new Promise((resolve, reject) => {
      if (waiting.size === 0) setTimeout(send, 8);
      waiting.set(id, [...(waiting.get(id) ?? []), { resolve, reject }]);
    });
}

async function answer<T extends { id: string }>(
  due: [string, Waiting<T>[]][],
  fetchMany: (ids: string[]) => Promise<T[]>,
): Promise<void> {
  try {
    const found = new Map((await fetchMany(due.map(([id]) => id))).map((item) => [item.id, item]));
    for (const [id, asked] of due) for (const { resolve } of asked) resolve(found.get(id) ?? null);
  } catch (error) {
    for (const [, asked] of due) for (const { reject } of asked) reject(error);
  }
}

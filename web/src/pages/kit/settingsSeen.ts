/** Whether somebody who may change the workspace's settings has had them in front of him on this device. */
const KEY = "rapport.settings-seen";

export const settingsSeen = {
  get: (): boolean => localStorage.getItem(KEY) !== null,
  set: (): void => localStorage.setItem(KEY, "1"),
};

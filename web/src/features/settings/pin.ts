/** What is wrong with a PIN before the server is asked, by the codes that it uses (SET-05). */
export function wrongPin(pin: string, again: string): { pin?: string; again?: string } {
  if (!/^[0-9]{4,10}$/.test(pin)) {
    return { pin: "not-a-pin" };
  }
  return pin === again ? {} : { again: "not-the-same" };
}

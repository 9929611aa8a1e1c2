/**
 * Returns true for an address of SES's mailbox simulator, which bounces and complains on request,
 * again and again. As at SES, it comes onto no suppression list and changes no rates
 * (https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html).
 */
export const isSimulated = (address: string): boolean =>
  address.toLowerCase().endsWith('@simulator.amazonses.com');

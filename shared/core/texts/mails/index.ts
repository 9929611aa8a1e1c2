import type { Language } from '../../model/contact.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';
import { nl } from './nl.ts';
import type { MailTexts } from './texts.ts';

/** The texts of mails to who runs the DNS, in each language. */
export const mailTexts: Readonly<Record<Language, MailTexts>> = { en, de, fr, es, nl };

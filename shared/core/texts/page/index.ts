import type { Language } from '../../model/contact.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';
import { nl } from './nl.ts';
import type { PageTexts } from './texts.ts';

/** The texts of the page behind a link, in each language. */
export const pageTexts: Readonly<Record<Language, PageTexts>> = { en, de, fr, es, nl };

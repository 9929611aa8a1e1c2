import type { Language } from '../../model/contact.ts';
import { de } from './de.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';
import { nl } from './nl.ts';
import type { HintTexts } from './texts.ts';

/** Hints in each language but English, which the checks themselves give. */
export const hintTexts: Readonly<Record<Exclude<Language, 'en'>, HintTexts>> = { de, fr, es, nl };

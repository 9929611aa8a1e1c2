import type { Language } from '../../model/contact.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';
import { nl } from './nl.ts';
import type { NoticeTexts } from './texts.ts';

/** The texts of notices, in each language. */
export const noticeTexts: Readonly<Record<Language, NoticeTexts>> = { en, de, fr, es, nl };

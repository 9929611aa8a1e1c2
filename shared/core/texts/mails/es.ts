import type { MailTexts } from './texts.ts';

export const es: MailTexts = {
  subject: 'Registros DNS para {what}',
  reminderSubject: 'Recordatorio: registros DNS para {what}',
  domains: '{count} dominios',
  hello: 'Hola, {name}:',
  helloNobody: 'Hola:',
  asks: '{sender} le pide que añada registros DNS para estos dominios, de modo que se pueda enviar correo desde ellos:',
  reminds: 'un recordatorio de {sender}: aún faltan registros DNS para estos dominios:',
  last: 'Este es el último recordatorio.',
  left: '{domain}: registros necesarios pendientes: {count}',
  more: 'y {count} más',
  how: 'Esta página muestra cada registro con un botón para copiarlo y comprueba por sí misma lo que ya está hecho. No hace falta una cuenta.',
  button: 'Mostrar los registros',
  until:
    'El enlace es válido hasta el {date}. En la página también puede detener estos recordatorios.',
  why: 'Recibe este correo porque {sender} le indicó como la persona que gestiona el DNS de estos dominios.',
};

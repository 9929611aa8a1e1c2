import type { NoticeTexts } from './texts.ts';

export const es: NoticeTexts = {
  subject: '{what}: {happened}',
  domains: '{count} dominios',
  intro: 'Un aviso de {sender} sobre la cuenta {account}.',
  more: 'y {count} más',
  record: 'registro TXT {name}, valor nuevo {value}',
  button: 'Abrir el panel',
  why: 'Recibe este mensaje porque la cuenta {account} indicó su dirección para los avisos. Quien administra la cuenta puede cambiarlo en la página «Notices» del panel.',
  events: {
    'domain.at_risk': [
      'un registro DNS ya no es correcto',
      'Los mensajes se siguen firmando. Corrija pronto el registro: el panel muestra lo que hay y lo que debería haber.',
    ],
    'domain.expiring': [
      'nunca se ha visto un registro DNS',
      'Añada los registros; de lo contrario, el servicio deja de esperarlos dentro de 14 días.',
    ],
    'domain.verified': [
      'todos los registros DNS vuelven a ser correctos',
      'No hay nada que hacer.',
    ],
    'domain.lost': [
      'ya no se envían mensajes',
      'El DNS ya no demuestra que el dominio es suyo. Restablezca sus registros: los envíos siguen en cuanto sean correctos.',
    ],
    'domain.expired': [
      'el dominio ha caducado',
      'Nunca se vio ninguno de sus registros. Añada otra vez el dominio si lo necesita: sus registros son los mismos que antes.',
    ],
    'rotation.prepared': [
      'hay que cambiar un registro DKIM',
      'Hay una clave nueva preparada. Firma en cuanto su DNS muestre el valor nuevo; hasta entonces firma la actual.',
    ],
    'rotation.held_back': [
      'el paso a la clave siguiente espera',
      'La clave actual sigue firmando. El servicio lo intenta cada día; el panel muestra a qué espera.',
    ],
    'signing.held': [
      'hay mensajes que esperan un registro DNS',
      'Su DNS no muestra ninguna de las claves, de modo que los destinatarios no podrían verificar los mensajes. Restablezca pronto los registros DKIM: los mensajes salen entonces por sí solos.',
    ],
    'sending.paused': [
      'los envíos están en pausa',
      'Demasiados mensajes fueron devueltos o marcados como spam. Esperan hasta que decida el operador.',
    ],
    'sending.slowed': [
      'los mensajes salen más despacio',
      'Demasiados mensajes fueron devueltos o marcados como spam. Quite de sus listas las direcciones que no existen.',
    ],
    'sending.resumed': [
      'los mensajes salen como antes',
      'Las devoluciones y las quejas vuelven a ser las habituales. No hay nada que hacer.',
    ],
    'policy.changed': [
      'la política DMARC ha avanzado un paso',
      'El registro al que apunta el suyo tiene el valor nuevo. No hay nada que hacer.',
    ],
    'policy.held': ['el plan DMARC no avanza', 'El panel muestra a qué espera.'],
    'api_key.created': ['se creó una clave de API', 'Si no fue nadie de los suyos, revóquela.'],
    'api_key.revoked': [
      'se revocó una clave de API',
      'Los programas que la usan son rechazados desde ahora.',
    ],
    'user.invited': ['se invitó a una persona', 'Si no lo hizo nadie de los suyos, quítela.'],
    'user.removed': ['se quitó a una persona', 'Ya no puede iniciar sesión.'],
  },
};

import { submission } from '#shared/adapters/aws/submission.ts';
import { waitForConnections } from '#shared/adapters/aws/request-timeouts.ts';
import * as aws from '#shared/adapters/aws/wire.ts';
import { keyUseNotes } from '#shared/app/note-key-use.ts';
import { environmentOf, logger, system } from '#shared/runtime/handler.ts';
import { limitsOf } from './limits.ts';
import { smtpLog } from './log.ts';
import { smtpService } from './server.ts';
import declaration from './service.ts';
import { smtpSubmission } from './submission.ts';

/** Milliseconds between two reads of the certificate, which ACM renews by itself. */
const RENEWAL_MS = 12 * 60 * 60 * 1000;
/** Milliseconds before the end of the stop timeout at which mail that is coming in is given up. */
const RESERVE_MS = 5000;

/** Longer than the event loop is busy with forty of the largest mails; clients wait five minutes. */
const CONNECTION_MS = 10_000;

waitForConnections(CONNECTION_MS);
const env = environmentOf(declaration);
const certificate = aws.serverCertificate(env);
const submitPorts = submission(env);

/** Serves until SIGTERM. @throws Error where the certificate cannot be read, or a port is taken */
async function serve(): Promise<void> {
  const service = smtpService(
    smtpSubmission({
      ...submitPorts,
      tenants: aws.apiKeys(env),
      noteKeyUse: keyUseNotes({ keyUses: aws.keyUses(env), clock: system.clock, log: logger }),
    }),
    {
      host: env.SMTP_HOST,
      certificate: await certificate(),
      limits: limitsOf(submitPorts.maxOctets),
      spool: env.SPOOL,
      log: smtpLog,
    },
  );

  await service.listen(declaration.ports, '0.0.0.0');
  logger.info('listening', { host: env.SMTP_HOST, ports: declaration.ports });

  const renewal = setInterval(() => {
    certificate().then(
      (renewed) => service.renew(renewed),
      (error: unknown) => logger.error('the certificate could not be read again', { error }),
    );
  }, RENEWAL_MS);

  // ECS signals the end once the load balancer sends nothing new.
  process.once('SIGTERM', () => {
    clearInterval(renewal);
    logger.info('draining');
    void service.drain(declaration.stopTimeout * 1000 - RESERVE_MS).then(() => {
      logger.info('ended');
      process.exit(0);
    });
  });
}

serve().catch((error: unknown) => {
  logger.error('the server did not start', { error });
  process.exitCode = 1;
});

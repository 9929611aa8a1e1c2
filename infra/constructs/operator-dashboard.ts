import { Duration } from 'aws-cdk-lib';
import {
  Dashboard,
  GraphWidget,
  type IWidget,
  LogQueryWidget,
  LogQueryVisualizationType,
  Metric,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { functionName } from '../names.ts';
import { METRIC_NAMESPACE } from './alarms.ts';

const HALF = 12;
const WHOLE = 24;

/**
 * The service at a glance, in the console of CloudWatch. An account has three dashboards of up to 50
 * metrics free of charge, and each other costs $3 a month, so what logs have is queried in them.
 */
export class OperatorDashboard extends Construct {
  readonly #config: Config;

  constructor(scope: Construct, id: string, config: Config) {
    super(scope, id);
    this.#config = config;
    const dashboard = new Dashboard(this, 'Dashboard', {
      dashboardName: `${config.name}-${config.region}`,
      defaultInterval: Duration.days(1),
    });
    const rows: IWidget[][] = [
      [this.#heading()],
      [this.#mail(), this.#stages()],
      [this.#latencies(), this.#account()],
      [this.#rotation(), this.#dns()],
      [this.#letters(), this.#functions()],
      [this.#quotas(), this.#errors()],
    ];
    for (const row of rows) dashboard.addWidgets(...row);
  }

  #heading(): IWidget {
    return new TextWidget({
      width: WHOLE,
      height: 2,
      markdown: `**${this.#config.name}** in ${this.#config.region}. What each alarm means and what to do: docs/operate.md. \`npm run ops -- --help\` lists the commands.`,
    });
  }

  /** The account's own metrics, which cost nothing. */
  #mail(): IWidget {
    return graph('Mail at SES, in 5 minutes', {
      left: ['Send', 'Delivery', 'Bounce', 'Complaint', 'Reject'].map((name) =>
        metric('AWS/SES', name, Stats.SUM, 5),
      ),
    });
  }

  #stages(): IWidget {
    return this.#query(
      'Mail by stage, an hour',
      ['messages', 'signer', 'ses-events'],
      [
        'filter message in ["a mail was accepted", "a mail was signed", "a mail was sent", "an event of Amazon SES"]',
        'stats count(*) as mails by message, bin(1h)',
        'sort bin(1h) desc',
      ],
    );
  }

  #latencies(): IWidget {
    const age = (statistic: string, label: string) =>
      this.#own('MailAge', statistic, 5).with({ label });
    return graph('Seconds from acceptance to the call of SES', {
      left: [age('p50', 'half of the calls'), age('p99', '99%'), age(Stats.MAXIMUM, 'oldest')],
      right: [
        this.#queue('outbound', 'ApproximateNumberOfMessagesVisible').with({ label: 'waiting' }),
      ],
    });
  }

  #account(): IWidget {
    return graph('Rates of the account (AWS acts at 0.05 and 0.001)', {
      left: [metric('AWS/SES', 'Reputation.BounceRate', Stats.AVERAGE, 60)],
      right: [metric('AWS/SES', 'Reputation.ComplaintRate', Stats.AVERAGE, 60)],
    });
  }

  #rotation(): IWidget {
    const of = (metricName: string) => this.#own(metricName, Stats.SUM, 60);
    return graph('Rotation, an hour', {
      left: ['RotationsMade', 'RotationsNotDue', 'RotationsHeldBack', 'RotationThrottled'].map(of),
    });
  }

  #dns(): IWidget {
    return graph('DNS: what waits to be published, and for how long', {
      left: [
        this.#queue('publish.fifo', 'ApproximateNumberOfMessagesVisible').with({
          label: 'publish',
        }),
        this.#queue('check', 'ApproximateNumberOfMessagesVisible').with({ label: 'checks' }),
      ],
      right: [
        this.#queue('publish.fifo', 'ApproximateAgeOfOldestMessage').with({ label: 'seconds' }),
      ],
    });
  }

  #letters(): IWidget {
    return this.#query(
      'Dead letters, as counted every hour',
      ['monitor'],
      [
        'filter message = "messages wait for people"',
        'fields @timestamp, queues.0.queue, queues.0.messages, queues.1.queue, queues.1.messages',
        'sort @timestamp desc',
        'limit 24',
      ],
    );
  }

  #functions(): IWidget {
    return graph('Functions of the account', {
      left: [metric('AWS/Lambda', 'ConcurrentExecutions', Stats.MAXIMUM, 5)],
      right: [
        metric('AWS/Lambda', 'Errors', Stats.SUM, 5),
        metric('AWS/Lambda', 'Throttles', Stats.SUM, 5),
      ],
    });
  }

  #quotas(): IWidget {
    return this.#query(
      'Quotas, and how full they are',
      ['monitor', 'identity-planner'],
      [
        'filter message in ["the quotas of SES", "SES identities counted"]',
        'fields @timestamp, message, perSecond, sentLastDay, perDay, dayFull, used',
        'sort @timestamp desc',
        'limit 24',
      ],
    );
  }

  #errors(): IWidget {
    return this.#query(
      'Errors, by function',
      ['signer', 'messages', 'authorizer', 'domains', 'publisher', 'checker', 'rotation-worker'],
      [
        'filter level = "ERROR"',
        'stats count(*) as times, latest(@timestamp) as last by service, message',
        'sort times desc',
        'limit 20',
      ],
    );
  }

  #query(title: string, functions: readonly string[], queryLines: string[]): IWidget {
    return new LogQueryWidget({
      title,
      width: HALF,
      height: 6,
      view: LogQueryVisualizationType.TABLE,
      logGroupNames: functions.map((name) => `/aws/lambda/${functionName(this.#config, name)}`),
      queryLines,
    });
  }

  #own(metricName: string, statistic: string, minutes: number): Metric {
    return metric(METRIC_NAMESPACE, metricName, statistic, minutes, { service: this.#config.name });
  }

  #queue(name: string, metricName: string): Metric {
    const dimensions = { QueueName: `${this.#config.name}-${name}` };
    return metric('AWS/SQS', metricName, Stats.MAXIMUM, 5, dimensions);
  }
}

const metric = (
  namespace: string,
  metricName: string,
  statistic: string,
  minutes: number,
  dimensionsMap: Record<string, string> = {},
): Metric =>
  new Metric({
    namespace,
    metricName,
    statistic,
    period: Duration.minutes(minutes),
    dimensionsMap,
  });

const graph = (title: string, metrics: { left: Metric[]; right?: Metric[] }): IWidget =>
  new GraphWidget({ title, width: HALF, height: 6, ...metrics });

/** A CDK app that has nothing to do with this service: notes, kept in a table behind an HTTP API. */
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { AttributeType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';

const app = new App({ analyticsReporting: false });
const stack = new Stack(app, 'Notes', { env: { region: 'eu-north-1' } });
const table = new TableV2(stack, 'Table', {
  partitionKey: { name: 'id', type: AttributeType.STRING },
});
const notes = new Function(stack, 'Function', {
  runtime: Runtime.NODEJS_24_X,
  handler: 'index.handler',
  code: Code.fromAsset(join(import.meta.dirname, 'function')),
  // The local run knows inline policies only; a role of CDK's making has a managed one.
  role: new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }),
  environment: { TABLE: table.tableName },
});
table.grant(notes, 'dynamodb:GetItem', 'dynamodb:PutItem');
new HttpApi(stack, 'Api').addRoutes({
  path: '/notes/{id}',
  methods: [HttpMethod.GET, HttpMethod.PUT, HttpMethod.DELETE],
  integration: new HttpLambdaIntegration('Integration', notes),
});
app.synth();

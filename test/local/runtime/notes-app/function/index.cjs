/** Calls DynamoDB without the SDK, which would have to be bundled. The gateway checks no signature. */
async function dynamodb(operation, input) {
  const { AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: key, AWS_REGION: region } = process.env;
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-date': new Date().toISOString().replaceAll(/[-:]|\.\d+/g, ''),
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      authorization: `AWS4-HMAC-SHA256 Credential=${key}/20260101/${region}/dynamodb/aws4_request, SignedHeaders=host, Signature=none`,
    },
    body: JSON.stringify({ TableName: process.env.TABLE, ...input }),
  });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

exports.handler = async ({ requestContext, pathParameters, body }) => {
  const id = { S: pathParameters.id };
  switch (requestContext.http.method) {
    case 'PUT':
      await dynamodb('PutItem', { Item: { id, text: { S: body } } });
      return { statusCode: 204 };
    case 'GET': {
      const { Item } = await dynamodb('GetItem', { Key: { id } });
      return { statusCode: 200, body: Item.text.S };
    }
    default:
      await dynamodb('DeleteItem', { Key: { id } });
      return { statusCode: 204 };
  }
};

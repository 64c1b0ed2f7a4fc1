import {OpenidApi, WellKnownApi} from '@kubernetes/client-node';
import {createRemoteJWKSet, customFetch, errors, jwtVerify} from 'jose';

/** The token is bad, and the message says why. */
export class Refused extends Error {}

/**
 * Returns a function that resolves where a request comes from the operator: its token is signed by the cluster, not expired, and made for
 * this Service and for the account that the queue names. Signature and audience alone are not enough: every pod can get a token of its own
 * account for any audience. It rejects with Refused where the token is bad, and with another error where the cluster's keys cannot be read.
 */
export async function tokenCheck(kubeConfig, audience, subject) {
  const configuration = await kubeConfig.makeApiClient(WellKnownApi).getServiceAccountIssuerOpenIDConfiguration();
  const {issuer} = parsed(configuration);
  const openid = kubeConfig.makeApiClient(OpenidApi);
  // The keys come by the client, which knows the cluster's CA and has credentials; jose keeps them and asks again for an unknown one.
  const keys = createRemoteJWKSet(new URL('https://kubernetes.default.svc/openid/v1/jwks'), {
    [customFetch]: async () => Response.json(parsed(await openid.getServiceAccountIssuerOpenIDKeyset())),
  });
  return async (authorization = '') => {
    if (!authorization.startsWith('Bearer ')) throw new Refused('no token');
    try {
      await jwtVerify(authorization.slice('Bearer '.length), keys, {
        issuer, audience, subject, algorithms: ['RS256', 'ES256', 'ES384', 'ES512'], requiredClaims: ['exp'],
      });
    } catch (bad) {
      if (bad instanceof errors.JOSEError && !(bad instanceof errors.JWKSTimeout) && bad.constructor !== errors.JOSEError) {
        throw new Refused(bad.message);
      }
      throw bad;
    }
  };
}

function parsed(answer) {
  return typeof answer === 'string' ? JSON.parse(answer) : answer;
}

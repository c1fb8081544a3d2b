import express, { type Request, type RequestHandler } from 'express';
import { Problem } from '../problem.js';

/**
 * The JSON of a message, read without Express's parser, which costs as much as everything else that is done for one. Bodies
 * that are compressed go through it all the same.
 */
export function readJson(limitBytes: number): RequestHandler {
  const parse = express.json({ limit: limitBytes, type: () => true });
  return async (request, response, next) => {
    if (request.headers['content-encoding'] !== undefined) return parse(request, response, next);
    request.body = parsed(await bytesOf(request, limitBytes));
    next();
  };
}

function parsed(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new Problem('MalformedJson', 'The body is not JSON; send one JSON object.');
  }
}

/** Throws `TooLarge`, and `MalformedRequest` for a sender that hung up in the middle. */
function bytesOf(request: Request, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      // What comes behind it is read to its end and dropped, so that the sender hears the answer.
      if (size > limit) reject(new Problem('TooLarge', 'The body is larger than this call takes.'));
      else chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    // Every request closes; the error of one that came whole would be made for nothing, and making it is not cheap.
    const cutOff = (): void => {
      if (!request.complete) reject(new Problem('MalformedRequest', 'The request ended in the middle of its body.'));
    };
    request.on('error', cutOff);
    request.on('close', cutOff);
  });
}

import { flushCompileCache } from "node:module";
import { Engine } from "./engine-log.ts";
import type { Provider } from "./provider.ts";
import { diffResponse, failure } from "./replies.ts";
import { Empty, grpc, type Message, messages, plain, pluginMessages, services, struct } from "./sdk-protocol.ts";

/** Serves `provider` on a free loopback port, which is printed as the engine wants it. */
export function serve(provider: Provider): void {
  let engine = new Engine(process.argv[2]);
  const server = new grpc.Server({
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
  });
  server.addService(services.ResourceProviderService, {
    attach: handle((request) => {
      engine = new Engine(request.getAddress());
      return Promise.resolve(new Empty());
    }),
    getPluginInfo: handle(async () => {
      const info = new pluginMessages.PluginInfo();
      info.setVersion(provider.version);
      return info;
    }),
    checkConfig: handle(async (request) => {
      const response = new messages.CheckResponse();
      response.setInputs(request.getNews());
      return response;
    }),
    diffConfig: handle(async (request) => {
      const diff = provider.diffConfig({ olds: plain(request.getOlds()), news: plain(request.getNews()) });
      const response = new messages.DiffResponse();
      response.setChanges(diff.changes.length > 0 ? 2 : 1);
      response.setDiffsList(diff.changes);
      response.setReplacesList(diff.replaces);
      return response;
    }),
    configure: handle(async (request) => {
      await provider.configure(new Map(request.getVariablesMap().toObject()), engine);
      const response = new messages.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setSupportspreview(true);
      return response;
    }),
    check: handle(async (request) => {
      const result = await provider.check({
        urn: request.getUrn(),
        olds: request.getOlds() && plain(request.getOlds()),
        news: plain(request.getNews()),
        seed: request.getRandomseed_asU8(),
      });
      const response = new messages.CheckResponse();
      response.setInputs(struct(result.inputs));
      response.setFailuresList(
        (result.failures ?? []).map((failure) => {
          const message = new messages.CheckFailure();
          message.setProperty(failure.property ?? "");
          message.setReason(failure.reason);
          return message;
        }),
      );
      return response;
    }),
    diff: handle(async (request) =>
      diffResponse(
        await provider.diff({
          urn: request.getUrn(),
          id: request.getId(),
          olds: plain(request.getOlds()),
          news: plain(request.getNews()),
          ignoreChanges: request.getIgnorechangesList(),
        }),
      ),
    ),
    create: handle(async (request) => {
      const created = await provider.create({
        urn: request.getUrn(),
        inputs: plain(request.getProperties()),
        timeout: request.getTimeout(),
        preview: request.getPreview(),
      });
      const response = new messages.CreateResponse();
      response.setId(created.id);
      response.setProperties(struct(created.state));
      return response;
    }),
    read: handle(async (request) => {
      const found = await provider.read({
        urn: request.getUrn(),
        id: request.getId(),
        inputs: plain(request.getInputs()),
        state: plain(request.getProperties()),
      });
      const response = new messages.ReadResponse();
      response.setId(found.id);
      if (found.id) {
        response.setProperties(struct(found.state));
        response.setInputs(struct(found.inputs));
      }
      return response;
    }),
    update: handle(async (request) => {
      const state = await provider.update({
        urn: request.getUrn(),
        id: request.getId(),
        olds: plain(request.getOlds()),
        inputs: plain(request.getNews()),
        timeout: request.getTimeout(),
        preview: request.getPreview(),
        ignoreChanges: request.getIgnorechangesList(),
      });
      const response = new messages.UpdateResponse();
      response.setProperties(struct(state));
      return response;
    }),
    delete: handle(async (request) => {
      await provider.delete({
        urn: request.getUrn(),
        id: request.getId(),
        state: plain(request.getProperties()),
        timeout: request.getTimeout(),
      });
      return new Empty();
    }),
    cancel: handle(async () => {
      provider.cancel();
      return new Empty();
    }),
  });
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) {
      throw error;
    }
    process.stdout.write(`${port}\n`);
    // The engine kills its plugins, so the compile cache would never be written at the exit.
    flushCompileCache();
  });
}

type Reply = (error: object | null, response?: Message) => void;

function handle(answer: (request: Message) => Promise<Message>) {
  return (call: { request: Message }, reply: Reply): void => {
    answer(call.request).then(
      (response) => reply(null, response),
      (error: Error) => reply(failure(error)),
    );
  };
}

import { type DiffResult, InitializationError } from "./provider.ts";
import { Any, grpc, type Message, messages, statusMessages, struct } from "./sdk-protocol.ts";

/** The error as gRPC carries it; an object that exists but is not ready goes with it. */
export function failure(error: Error): object {
  const metadata = new grpc.Metadata();
  if (error instanceof InitializationError) {
    const detail = new messages.ErrorResourceInitFailed();
    detail.setId(error.id);
    detail.setProperties(struct(error.state));
    detail.setReasonsList(error.reasons);
    if (error.inputs) {
      detail.setInputs(struct(error.inputs));
    }
    const packed = new Any();
    packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const status = new statusMessages.Status();
    status.setCode(grpc.status.UNKNOWN);
    status.setMessage(error.message);
    status.addDetails(packed);
    metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  }
  return { code: grpc.status.UNKNOWN, details: error.message, metadata };
}

export function diffResponse(diff: DiffResult): Message {
  const kinds = { add: 0, "add-replace": 1, delete: 2, "delete-replace": 3, update: 4, "update-replace": 5 };
  const response = new messages.DiffResponse();
  const paths = Object.entries(diff.changes);
  response.setChanges(paths.length > 0 || diff.replaces.length > 0 ? 2 : 1);
  response.setReplacesList(diff.replaces);
  response.setDeletebeforereplace(diff.deleteBeforeReplace);
  response.setHasdetaileddiff(true);
  for (const [path, change] of paths) {
    const detail = new messages.PropertyDiff();
    detail.setKind(kinds[change.kind]);
    detail.setInputdiff(change.inputDiff);
    response.getDetaileddiffMap().set(path, detail);
  }
  return response;
}

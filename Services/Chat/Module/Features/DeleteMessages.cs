using MemoryMesh.Chat.Endpoints;
using MemoryMesh.Chat.Storage;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.Chat.Features;

/// <summary>Deletes messages, one or a batch.</summary>
internal sealed class DeleteMessages(FindMessages findMessages, IConversationStore store)
{
    /// <summary>Others may change the same message meanwhile; after so many tries that is told as a conflict.</summary>
    private const int Attempts = 8;

    /// <summary>Deletes one message.</summary>
    /// <returns>Null when it is deleted.</returns>
    public async Task<ProblemHttpResult?> DeleteAsync(
        Guid id, VersionCondition condition, Caller caller, string? tenantId, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var (message, problem) = await findMessages.FindAsync(caller, tenantId, id, Permission.Write, cancellationToken);
            if (message is null)
            {
                return problem;
            }

            if (!condition.Allows(message.Version))
            {
                return Problems.PreconditionFailed.ToResult();
            }

            if ((await DeleteAsync([message], sameVersion: !condition.AllowsAny, cancellationToken))[0])
            {
                return null;
            }
        }

        return Problems.Conflict.ToResult();
    }

    /// <summary>Deletes a batch; an item that is refused does not stop the others.</summary>
    public async Task<(IReadOnlyList<BatchItemResult>? Results, ProblemHttpResult? Problem)> DeleteAsync(
        DeleteMessagesRequest request, Caller caller, string? tenantId, CancellationToken cancellationToken)
    {
        if (RequestRules.CheckBatch(request.Ids, "ids") is { } invalid)
        {
            return (null, invalid);
        }

        var ids = request.Ids!.Select(text => Guid.TryParse(text, out var id) ? id : (Guid?)null).ToArray();
        var (found, problem) = await findMessages.FindAsync(
            caller, tenantId, [.. ids.OfType<Guid>().Distinct()], Permission.Write, cancellationToken);
        if (problem is not null)
        {
            return (null, problem);
        }

        var messages = found.Values.Where(message => message.Problem is null).Select(message => message.Message).ToArray();
        var done = await DeleteAsync(messages, sameVersion: false, cancellationToken);
        var deleted = messages.Where((_, i) => done[i]).Select(message => message.Id).ToHashSet();

        // An id named twice is deleted by the first, and not there any more for the second.
        return (
            [
                .. ids.Select((id, i) =>
                    id is { } known && deleted.Remove(known) ? new BatchItemResult { Index = i, Status = 204, Id = known }
                    : id is { } other && found.TryGetValue(other, out var message) && message.Problem is not null ? BatchItemResult.Refused(i, id, message.Problem)
                    : BatchItemResult.Refused(i, id, Problems.NotFound.ToResult())),
            ],
            null);
    }

    private async Task<bool[]> DeleteAsync(MessageRecord[] messages, bool sameVersion, CancellationToken cancellationToken)
    {
        if (messages.Length == 0)
        {
            return [];
        }

        var done = await store.DeleteMessagesAsync(messages, sameVersion, cancellationToken);
        ChatTelemetry.MessagesDeleted.Add(done.Count(deleted => deleted));
        return done;
    }
}

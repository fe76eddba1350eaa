using System.Net;
using MemoryMesh.Client;
using MemoryMesh.ServiceDefaults.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.Gateway.Facades.MemoryService;

/// <summary>The Memory Service API: memories of users, every call a POST. Its search is that of the Conversational Memory Backend.</summary>
internal static class MemoryServiceEndpoints
{
    /// <summary>Name of the earlier service.</summary>
    public const string Name = "Memory Service";

    private const string TenantScope = "tenant";
    private const string OneMemory = """{ "memory_id": "018f4a2e-0000-7000-8000-000000000001" }""";

    public static void MapMemoryService(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapFacade("/memory", Name, ("text", "data"), ("id", "memory_id"));
        group.MapPost("/add", AddAsync).WithName("MemoryService_Add").WithSummary("Add a memory").ProducesProblem(422)
            .WithExample("""{ "data": "Likes to play cricket on weekends.", "user_id": "alice", "metadata": { "category": "hobbies" } }""");
        group.MapPost("/get_all", GetAllAsync).WithName("MemoryService_GetAll").WithSummary("List the memories of a user, the newest first")
            .WithDescription("Without `user_id` those of every user, for admins and owners and their keys; others get their own.")
            .WithExample("""{ "user_id": "alice" }""");
        group.MapPost("/get", GetAsync).WithName("MemoryService_Get").WithSummary("Get a memory").WithExample(OneMemory);
        group.MapPost("/update", UpdateAsync).WithName("MemoryService_Update").WithSummary("Change a memory").ProducesProblem(409)
            .WithExample("""{ "memory_id": "018f4a2e-0000-7000-8000-000000000001", "data": "Likes to play tennis on weekends." }""");
        group.MapPost("/history", GetHistoryAsync).WithName("MemoryService_History").WithSummary("What happened to a memory, oldest first")
            .WithDescription("Of a deleted memory the deletion alone is left: its texts went with it.").WithExample(OneMemory);
        group.MapPost("/delete", DeleteAsync).WithName("MemoryService_Delete").WithSummary("Delete a memory").ProducesProblem(409).WithExample(OneMemory);
        group.MapPost("/delete_all", DeleteAllAsync).WithName("MemoryService_DeleteAll").WithSummary("Delete all memories of a user")
            .WithExample("""{ "user_id": "alice" }""");
        group.MapPost("/reset", ResetAsync).WithName("MemoryService_Reset").WithSummary("Delete the memories of all users, with their history")
            .WithDescription("For owners and admins of the tenant, and keys of theirs with the scope `admin`. The audit log tells of it.");
    }

    /// <summary>Without a user, all memories of the tenant for whoever acts for every subject, and their own for others.</summary>
    private static async Task<Ok<MemoriesResponse>> GetAllAsync(OfUserRequest? body, FacadeRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await ListAsync(body?.UserId is { } userId ? new MemoryOwner { UserId = userId } : new MemoryOwner { Scope = TenantScope });
        }
        catch (MemoryMeshException refusal) when (body?.UserId is null && refusal.StatusCode == HttpStatusCode.Forbidden)
        {
            return await ListAsync(new MemoryOwner());
        }

        async Task<Ok<MemoriesResponse>> ListAsync(MemoryOwner owner)
            => TypedResults.Ok(new MemoriesResponse(
                await request.Native.Memories.ListAsync(new MemoryQuery { Owner = owner }, cancellationToken).Select(MemoryItem.From).ToListAsync(cancellationToken)));
    }

    private static async Task<Created<AddResponse>> AddAsync(AddRequest body, FacadeRequest request, CancellationToken cancellationToken)
    {
        var memory = await request.Native.Memories.AddAsync(
            new NewMemory { Text = body.Data!, UserId = body.UserId, Metadata = body.Metadata }, request.IdempotencyKey, cancellationToken);
        return TypedResults.Created((string?)null, new AddResponse(memory.Id));
    }

    private static async Task<Ok<MemoryItem>> GetAsync(OfMemoryRequest body, FacadeRequest request, CancellationToken cancellationToken)
        => TypedResults.Ok(MemoryItem.From(await request.Native.Memories.GetAsync(body.MemoryId!, cancellationToken: cancellationToken)));

    private static async Task<Ok<UpdateResponse>> UpdateAsync(UpdateRequest body, FacadeRequest request, CancellationToken cancellationToken)
    {
        var memory = await request.Native.Memories.UpdateAsync(body.MemoryId!, new MemoryChanges { Text = body.Data }, cancellationToken: cancellationToken);
        return TypedResults.Ok(new UpdateResponse("Memory updated.", MemoryItem.From(memory)));
    }

    private static async Task<Ok<HistoryResponse>> GetHistoryAsync(OfMemoryRequest body, FacadeRequest request, CancellationToken cancellationToken)
    {
        var history = await request.Native.Memories.GetHistoryAsync(body.MemoryId!, cancellationToken: cancellationToken);
        return TypedResults.Ok(new HistoryResponse([.. history.History.Select(entry => HistoryItem.From(history.MemoryId, entry))]));
    }

    private static async Task<Ok<MessageResponse>> DeleteAsync(OfMemoryRequest body, FacadeRequest request, CancellationToken cancellationToken)
    {
        await request.Native.Memories.DeleteAsync(body.MemoryId!, cancellationToken: cancellationToken);
        return TypedResults.Ok(new MessageResponse("Memory deleted."));
    }

    private static async Task<Ok<DeleteAllResponse>> DeleteAllAsync(DeleteAllRequest body, FacadeRequest request, CancellationToken cancellationToken)
    {
        var deleted = await request.Native.Memories.DeleteAllAsync(new MemoryOwner { UserId = body.UserId }, cancellationToken: cancellationToken);
        return TypedResults.Ok(new DeleteAllResponse("Memories deleted.", deleted.Deleted));
    }

    private static async Task<Ok<MessageResponse>> ResetAsync(ResetRequest? _, FacadeRequest request, CancellationToken cancellationToken)
    {
        await request.Native.Memories.DeleteAllAsync(new MemoryOwner { Scope = TenantScope }, cancellationToken: cancellationToken);
        return TypedResults.Ok(new MessageResponse("All memories deleted."));
    }
}

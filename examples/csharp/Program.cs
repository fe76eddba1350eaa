// MemoryMesh with its .NET client (.NET 10):
//
//     MEMORYMESH_URL=http://localhost:8000 MEMORYMESH_API_KEY=mm_... dotnet run
using MemoryMesh.Client;

var address = new Uri(Environment.GetEnvironmentVariable("MEMORYMESH_URL") ?? "http://localhost:8000");
var key = Environment.GetEnvironmentVariable("MEMORYMESH_API_KEY");
if (string.IsNullOrEmpty(key))
{
    await Console.Error.WriteLineAsync("Set MEMORYMESH_API_KEY to an API key of your server.");
    return 2;
}

using var memory = new MemoryMeshClient(address, new MemoryMeshClientOptions { ApiKey = key });
var user = $"csharp-{Guid.NewGuid():N}";
try
{
    // The answer comes when it can be found, and what there is to learn from it was learned. Sent again with the same key, it is stored once.
    await memory.Messages.StoreAsync(
        new NewMessage { ConversationId = $"{user}-a", UserId = user, Role = "user", Content = "My name is Honda. I prefer Python over JavaScript." },
        StoreWait.Indexed | StoreWait.Memories,
        idempotencyKey: Guid.NewGuid().ToString("N"));

    var found = await memory.Search.MessagesAsync(new MessageSearch { Query = "Python", TopK = 5, UserId = user });
    Console.WriteLine($"found: {found.Results[0].Message.Content}");

    // What an assistant should know before it answers in another conversation.
    var context = await memory.Context.GetAsync($"{user}-b", new ContextQuery { UserId = user, Query = "Which language should I use?" });
    Console.WriteLine($"context: {context.Text}");

    var added = await memory.Memories.AddAsync(new NewMemory { UserId = user, Text = "Works from home on Fridays." }, Guid.NewGuid().ToString("N"));
    var count = 0;
    await foreach (var fact in memory.Memories.ListAsync(new MemoryQuery { Owner = new MemoryOwner { UserId = user } }))
    {
        Console.WriteLine($"  {fact.Category}: {fact.Text}");
        count++;
    }

    Console.WriteLine($"memories: {count}");
    await memory.Memories.DeleteAsync(added.Id);
    try
    {
        await memory.Memories.GetAsync(added.Id);
    }
    catch (MemoryMeshException gone)
    {
        Console.WriteLine($"deleted: {(int)gone.StatusCode} {gone.Problem.Type}");
    }

    return 0;
}
catch (MemoryMeshException refused)
{
    await Console.Error.WriteLineAsync(refused.Message);
    return 1;
}

using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace MemoryMesh.AppHost;

/// <summary>Plays a short scene through the public API, over a temporary folder: what is learned in one chat is known in the next, and chats stay apart.</summary>
internal sealed class DemoCommand : IDisposable
{
    /// <summary>Name on the command line.</summary>
    public const string Name = "demo";

    private static readonly string Line = new('=', 60);

    private readonly HttpClient _client;

    private DemoCommand(Uri address) => _client = new HttpClient { BaseAddress = address };

    /// <summary>Starts a server of its own, plays the scene and removes everything.</summary>
    public static async Task<int> RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("memorymesh-demo-").FullName;
        try
        {
            await using var app = EmbeddedHost.Build(["--urls", "http://127.0.0.1:0", "--data", folder, "--Logging:LogLevel:Default", "Warning"]);
            await app.StartAsync();
            var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
            using var demo = new DemoCommand(new Uri(address));
            await demo.PlayAsync();
            await app.StopAsync();
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task PlayAsync()
    {
        Console.WriteLine(Line);
        Console.WriteLine("MemoryMesh Demo");
        Console.WriteLine(Line);
        await LogInAsync();

        Console.WriteLine("\n--- CHAT A: User introduces themselves ---");
        var chatA = await CreateChatAsync("Chat A", "Introduction");
        var introduction = await SayAsync(chatA, "user", "My name is Honda. I'm a software engineer who loves Python.");
        Console.WriteLine($"Extracted memories: {await CountMemoriesAsync(introduction)}");
        await SayAsync(chatA, "assistant", "Nice to meet you, Honda! Python suits a software engineer well.");
        await SayAsync(chatA, "user", "I prefer working on backend systems.");
        await SayAsync(chatA, "assistant", "Good to know: backend it is.");

        Console.WriteLine("\n--- CHAT B: New chat (should remember name) ---");
        var chatB = await CreateChatAsync("Chat B", "Memory test");
        await SayAsync(chatB, "user", "What is my name?");
        var context = await GetAsync($"/v1/context/{chatB}?query={Uri.EscapeDataString("What is my name?")}");
        Console.WriteLine("\nMemory context available for response:");
        Console.WriteLine("User Personal Information (from previous conversations):");
        foreach (var memory in context.GetProperty("memories").EnumerateArray())
        {
            Console.WriteLine($"- {memory.GetProperty("text").GetString()}");
        }

        await SayAsync(chatB, "assistant", "Your name is Honda.");

        Console.WriteLine("\n--- CHAT C: Testing task-specific context (should NOT save) ---");
        var chatC = await CreateChatAsync("Chat C", "Debugging help");
        var task = await SayAsync(chatC, "user", "I need help debugging this function: def add(a, b): return a - b");
        Console.WriteLine($"Extracted memories: {await CountMemoriesAsync(task)}");
        await SayAsync(chatC, "assistant", "It subtracts: replace the minus by a plus.");

        Console.WriteLine("\n--- All Personal Memories for User ---");
        var number = 0;
        foreach (var memory in (await GetAsync("/v1/memories?ordering=created_at")).GetProperty("memories").EnumerateArray())
        {
            Console.WriteLine($"{++number}. {memory.GetProperty("text").GetString()}");
        }

        Console.WriteLine("\n--- Chat Isolation Check ---");
        foreach (var (name, chat) in new[] { ("A", chatA), ("B", chatB), ("C", chatC) })
        {
            var messages = await GetAsync($"/v1/conversations/{chat}/messages");
            Console.WriteLine($"Chat {name} messages: {messages.GetProperty("messages").GetArrayLength()}");
        }

        Console.WriteLine($"\n{Line}");
        Console.WriteLine("Demo complete!");
        Console.WriteLine(Line);
    }

    private async Task LogInAsync()
    {
        // A password of its own each time: the account lives as long as the temporary folder.
        var credentials = new { email = "honda@example.com", username = "honda", password = Convert.ToHexString(RandomNumberGenerator.GetBytes(16)) };
        await PostAsync("/v1/auth/register", credentials);
        var tokens = await PostAsync("/v1/auth/login", new { credentials.email, credentials.password });
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", tokens.GetProperty("access_token").GetString());
    }

    private async Task<string> CreateChatAsync(string name, string title)
    {
        var id = Guid.CreateVersion7().ToString("D");
        await PostAsync("/v1/conversations", new { conversation_id = id, title = $"{name} - {title}" });
        Console.WriteLine($"Created {name}: {id}");
        return id;
    }

    private async Task<string> SayAsync(string chat, string role, string content)
        => (await PostAsync("/v1/messages?wait=memories", new { conversation_id = chat, role, content })).GetProperty("id").GetString()!;

    private async Task<int> CountMemoriesAsync(string messageId)
        => (await GetAsync("/v1/memories")).GetProperty("memories").EnumerateArray().Count(memory =>
            memory.GetProperty("sources").EnumerateArray().Any(source => source.GetProperty("message_id").GetString() == messageId));

    private Task<JsonElement> GetAsync(string path) => _client.GetFromJsonAsync<JsonElement>(new Uri(path, UriKind.Relative));

    private async Task<JsonElement> PostAsync(string path, object body)
    {
        using var response = await _client.PostAsJsonAsync(new Uri(path, UriKind.Relative), body);
        return await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
    }
}

using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Live;

/// <summary>What live tests ask for again and again.</summary>
internal static class LiveRequests
{
    public static async Task<string> SayAsync(this Person person, string conversation, string content, string? userId = null, string? tenant = null, string wait = "")
        => (await person.PostAsync($"/v1/messages{wait}", new
        {
            tenant_id = tenant ?? person.TenantId, conversation_id = conversation, role = "user", content, user_id = userId,
        })).GetProperty("id").GetString()!;

    /// <summary>Stores messages in batches of 500.</summary>
    public static async Task SayManyAsync(this Person person, string conversation, int count)
    {
        for (var stored = 0; stored < count; stored += 500)
        {
            var messages = Enumerable.Range(stored, Math.Min(500, count - stored))
                .Select(i => new { tenant_id = person.TenantId, conversation_id = conversation, role = "assistant", content = $"line {i}", extract_memory = false });
            await person.PostAsync("/v1/messages/batch", new { messages }, System.Net.HttpStatusCode.OK);
        }
    }

    public static string Text(this JsonElement frame, string name) => frame.GetProperty(name).GetString()!;

    public static string Token(this Person person) => person.Tokens.GetProperty("access_token").GetString()!;

    public static async Task<string> TicketAsync(this Person person, string? tenant = null)
        => (await person.PostAsync("/v1/auth/ws-ticket", new { tenant_id = tenant ?? person.TenantId }, System.Net.HttpStatusCode.OK)).Text("ticket");
}

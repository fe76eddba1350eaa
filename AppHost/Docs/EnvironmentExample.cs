using System.Text;
using MemoryMesh.ServiceDefaults.Configuration;

namespace MemoryMesh.AppHost.Docs;

/// <summary>.env.example: what docker-compose.yml reads, and every environment name that has an effect.</summary>
internal static class EnvironmentExample
{
    /// <summary>What docker-compose.yml cannot start without.</summary>
    private static readonly IReadOnlyList<(string Name, string Meaning)> Needed =
    [
        ("ENCRYPTION_KEY", "Key-encryption key, 32 random bytes: openssl rand -hex 32. Without it the data cannot be read by anyone."),
        ("MEMORY_INDEX_KEY", "Key that names and search terms are hashed with, 32 random bytes: openssl rand -hex 32. It cannot change later."),
        ("RABBITMQ_PASSWORD", "Password of the broker, of letters and digits: openssl rand -hex 24."),
    ];

    private static readonly IReadOnlyList<(string Name, string Default, string Meaning)> Compose =
    [
        ("MEMORYMESH_PORT", "8000", "Port of this machine that the Gateway is published on (docker-compose.yml)."),
        ("Tenants__ClaimOnFirstUse", "false", "Whether the first who writes to a tenant that nobody owns becomes its owner."),
        ("Monitoring__Token", "", "What monitoring sends as Authorization: Bearer to read /metrics and the details of health, at least 32 characters: openssl rand -hex 32."),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317", "Where traces, metrics and logs are sent; nowhere when it is empty."),
    ];

    public static string Render()
    {
        var text = new StringBuilder()
            .Append("# Settings as environment names: copy this file to .env and fill in what you need.\n")
            .Append("# Written by `dotnet run --project AppHost -- docs` from the code. All settings: docs/configuration.md\n");
        text.Append("\n# --- Needed by docker-compose.yml\n");
        foreach (var (name, meaning) in Needed)
        {
            text.Append($"\n# {meaning}\n{name}=\n");
        }

        text.Append("\n# --- Optional\n");
        foreach (var (name, value, meaning) in Compose)
        {
            text.Append($"\n# {meaning}\n# {name}={value}\n");
        }

        foreach (var name in EnvironmentNames.All.Where(name => Needed.All(needed => needed.Name != name.Name)))
        {
            text.Append($"\n# {name.Meaning}\n# Takes: {name.Value.Describe()}. Default: {name.Default ?? "none"}.\n# {name.Name}=\n");
        }

        return text.ToString();
    }
}

using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.OpenApi;

namespace MemoryMesh.ServiceDefaults.Hosting;

/// <summary>Where <c>/openapi/v1.json</c> comes from: this process, or all services.</summary>
public interface IApiDescriptionSource
{
    /// <summary>The OpenAPI document as JSON in UTF-8. The caller must not change it.</summary>
    Task<byte[]> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>Describes the routes of this process. The document is made at the first request: starting must not wait for it.</summary>
internal sealed class LocalApiDescription([FromKeyedServices(ApiDescription.DocumentName)] IOpenApiDocumentProvider documents) : IApiDescriptionSource, IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private byte[]? _json;

    public async Task<byte[]> ReadAsync(CancellationToken cancellationToken)
    {
        if (_json is null)
        {
            await _gate.WaitAsync(cancellationToken);
            try
            {
                if (_json is null)
                {
                    var document = await documents.GetOpenApiDocumentAsync(cancellationToken);
                    using var stream = new MemoryStream();
                    await document.SerializeAsJsonAsync(stream, OpenApiSpecVersion.OpenApi3_1, cancellationToken);
                    _json = stream.ToArray();
                }
            }
            finally
            {
                _gate.Release();
            }
        }

        return _json;
    }

    public void Dispose() => _gate.Dispose();
}

/// <summary>Marks routes that answer as an earlier service did.</summary>
/// <param name="Name">Name of that service.</param>
public sealed record CompatibleApi(string Name);

/// <summary>A body that a route takes, as its description shows it.</summary>
/// <param name="Json">The body.</param>
public sealed record RequestExample(string Json);

/// <summary>The OpenAPI document of the public routes: all but those between services, and the pages and probes that leave themselves out.</summary>
public static class ApiDescription
{
    /// <summary>Name of the document.</summary>
    public const string DocumentName = "v1";

    /// <summary>Where it is served.</summary>
    public const string Path = "/openapi/v1.json";

    /// <summary>Name of the schema of every error.</summary>
    public const string ProblemSchema = "problem_details";

    private const string ProblemMediaType = "application/problem+json";
    private const string BearerScheme = "bearer";
    private const string ApiKeyScheme = "api_key";
    private const string OperatorScheme = "operator";

    private const string Introduction =
        """
        Memory for AI assistants: conversations are stored, long-term facts about a person are learned from them, and both are found again.

        Send `Authorization: Bearer` with an access token of `POST /v1/auth/login`, or `x-api-key` with an API key. `tenant_id` is the id or the slug of a tenant.
        Every error is problem details (RFC 9457) with a stable `type`. Fields that are not documented are refused.
        """;

    internal static IServiceCollection AddApiDescription(this IServiceCollection services)
    {
        services.AddOpenApi(DocumentName, options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.ShouldInclude = description => description.RelativePath?.StartsWith("internal/", StringComparison.Ordinal) == false;
            options.CreateSchemaReferenceId = new SchemaNames().Choose;
            options.AddOperationTransformer(Complete);
            options.AddDocumentTransformer(Complete);
            options.AddSchemaTransformer(Complete);
        });
        services.TryAddSingleton<IApiDescriptionSource, LocalApiDescription>();
        return services;
    }

    /// <summary>Registers the description of this process's own routes under a key, for a source that joins several.</summary>
    public static IServiceCollection AddLocalApiDescription(this IServiceCollection services, string key)
        => services.AddKeyedSingleton<IApiDescriptionSource>(
            key, (provider, _) => new LocalApiDescription(provider.GetRequiredKeyedService<IOpenApiDocumentProvider>(DocumentName)));

    /// <summary>Shows a body that the route takes in its description.</summary>
    public static TBuilder WithExample<TBuilder>(this TBuilder builder, string json)
        where TBuilder : IEndpointConventionBuilder
        => builder.WithMetadata(new RequestExample(json));

    internal static void MapApiDescription(this IEndpointRouteBuilder routes)
        => routes.MapGet(Path, async (IApiDescriptionSource source, CancellationToken cancellationToken)
                => Results.Bytes(await source.ReadAsync(cancellationToken), "application/json; charset=utf-8"))
            .AllowAnonymous().ExcludeFromDescription().ShortCircuit();

    private static Task Complete(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo { Title = "MemoryMesh", Version = ProductVersion.Current, Description = Introduction };

        // Relative, so that it holds behind every name and proxy.
        document.Servers = [new OpenApiServer { Url = "/" }];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [BearerScheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT", Description = "An access token of POST /v1/auth/login.",
            },
            [ApiKeyScheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = "x-api-key", Description = "An API key of POST /v1/auth/api-keys.",
            },
            [OperatorScheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "The token of the server's operator, Monitoring:Token in its settings.",
            },
        };
        document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>();
        document.Components.Schemas[ProblemSchema] = ProblemDetailsSchema();
        return Task.CompletedTask;
    }

    private static Task Complete(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var document = context.Document!;
        operation.Responses ??= [];
        AddProblem(operation, document, Problems.Invalid);
        if (!metadata.OfType<IAllowAnonymous>().Any())
        {
            operation.Security =
            [
                new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(BearerScheme, document)] = [] },
                new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(ApiKeyScheme, document)] = [] },
            ];
            AddProblem(operation, document, Problems.Unauthenticated);
            AddProblem(operation, document, Problems.Forbidden);
            AddProblem(operation, document, Problems.NotFound);
        }

        if (metadata.OfType<OperatorOnly>().Any())
        {
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(OperatorScheme, document)] = [] }];
            AddProblem(operation, document, Problems.Unauthenticated);
            AddProblem(operation, document, Problems.Forbidden);
        }

        if (operation.RequestBody is not null)
        {
            if (metadata.OfType<RequestExample>().FirstOrDefault() is { } example && operation.RequestBody.Content?.TryGetValue("application/json", out var body) == true)
            {
                body.Example = JsonNode.Parse(example.Json);
            }

            AddProblem(operation, document, Problems.TooLarge);
            AddProblem(operation, document, Problems.UnsupportedMediaType);
        }

        AddProblem(operation, document, Problems.TooManyRequests);
        AddProblem(operation, document, Problems.Unavailable);
        foreach (var (status, response) in operation.Responses)
        {
            if (status[0] is '4' or '5' && response is OpenApiResponse error && error.Content?.ContainsKey("application/json") != true)
            {
                error.Content = ProblemContent(document);
            }
        }

        if (metadata.OfType<Deprecation>().LastOrDefault() is { } deprecation)
        {
            operation.Deprecated = true;
            AddDeprecation(operation, deprecation);
        }

        return Task.CompletedTask;
    }

    private static Task Complete(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        // Enums are written as texts by a converter, which leaves their schema without a type.
        if (schema.Enum is { Count: > 0 } values && schema.Type is null)
        {
            schema.Type = values.Any(value => value is null) ? JsonSchemaType.String | JsonSchemaType.Null : JsonSchemaType.String;
        }

        // Metadata is any JSON object; its .NET type says only that it is JSON.
        if (context.JsonPropertyInfo is { Name: "metadata" } property && IsJson(property.PropertyType))
        {
            schema.OneOf = null;
            schema.Type = JsonSchemaType.Object | JsonSchemaType.Null;
        }

        // A member that is left out when it is null is not required, whatever its constructor says.
        if (schema.Required is { Count: > 0 } required)
        {
            foreach (var member in context.JsonTypeInfo.Properties)
            {
                if (member.AttributeProvider?.GetCustomAttributes(typeof(JsonIgnoreAttribute), inherit: true) is [JsonIgnoreAttribute { Condition: JsonIgnoreCondition.WhenWritingNull }])
                {
                    required.Remove(member.Name);
                }
            }
        }

        return Task.CompletedTask;
    }

    private static bool IsJson(Type type) => type == typeof(JsonElement) || type == typeof(JsonElement?);

    /// <summary>Says in words what the answers say in headers, and lists those.</summary>
    private static void AddDeprecation(OpenApiOperation operation, Deprecation deprecation)
    {
        var words = string.Create(CultureInfo.InvariantCulture, $"Deprecated since {deprecation.Since:yyyy-MM-dd}.");
        if (deprecation.Successor is { } successor)
        {
            words += $" Use `{successor}`.";
        }

        if (deprecation.Sunset is { } sunset)
        {
            words += string.Create(CultureInfo.InvariantCulture, $" It stops answering on {sunset:yyyy-MM-dd}.");
        }

        operation.Description = operation.Description is { Length: > 0 } description ? $"{words} {description}" : words;
        foreach (var response in operation.Responses!.Values.OfType<OpenApiResponse>())
        {
            response.Headers ??= new Dictionary<string, IOpenApiHeader>();
            response.Headers["Deprecation"] = Header("Since when it is deprecated (RFC 9745).");
            response.Headers["Sunset"] = Header("When it stops answering (RFC 8594).");
            response.Headers["Link"] = Header("What to use instead, and where more is said.");
        }
    }

    private static OpenApiHeader Header(string description) => new() { Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };

    private static void AddProblem(OpenApiOperation operation, OpenApiDocument document, ProblemKind kind)
        => operation.Responses!.TryAdd(
            kind.Status.ToString(CultureInfo.InvariantCulture), new OpenApiResponse { Description = kind.Title, Content = ProblemContent(document) });

    private static Dictionary<string, OpenApiMediaType> ProblemContent(OpenApiDocument document)
        => new() { [ProblemMediaType] = new OpenApiMediaType { Schema = new OpenApiSchemaReference(ProblemSchema, document) } };

    private static OpenApiSchema ProblemDetailsSchema() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "An error (RFC 9457).",
        Required = new HashSet<string> { "type", "title", "status", "detail" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["type"] = Text("Stable name of the kind of error.", ProblemKind.TypePrefix + Problems.NotFound.Slug),
            ["title"] = Text("What it is, the same each time.", null),
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Description = "The HTTP status." },
            ["detail"] = Text("What it means and what to do.", null),
            ["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = "What is wrong with each field, when fields are wrong.",
                AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } },
            },
            ["trace_id"] = Text("Finds the request in the server's logs and traces.", null),
        },
    };

    private static OpenApiSchema Text(string description, string? example) => new()
    {
        Type = JsonSchemaType.String, Description = description, Examples = example is null ? null : [JsonValue.Create(example)],
    };

    /// <summary>Names schemas in snake_case. Of two types with one name, the one that comes second gets the name of its service in front.</summary>
    private sealed class SchemaNames
    {
        private readonly ConcurrentDictionary<string, Type> _owners = new(StringComparer.Ordinal);

        public string? Choose(JsonTypeInfo type)
        {
            if (IsJson(type.Type) || OpenApiOptions.CreateDefaultSchemaReferenceId(type) is not { } id)
            {
                return null;
            }

            var name = JsonNamingPolicy.SnakeCaseLower.ConvertName(id);
            var owner = _owners.GetOrAdd(name, type.Type);
            return owner == type.Type || Nullable.GetUnderlyingType(type.Type) == owner || Nullable.GetUnderlyingType(owner) == type.Type
                ? name
                : $"{JsonNamingPolicy.SnakeCaseLower.ConvertName(type.Type.Assembly.GetName().Name!.Split('.')[^1])}_{name}";
        }
    }
}

using MemoryMesh.Search;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Internal;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Redis;

return await MemoryMeshHost.RunAsync(args, () =>
{
    var builder = MemoryMeshHost.CreateBareBuilder(args, SearchModule.Name);
    if (SearchModule.IsEmbedder(builder.Configuration))
    {
        builder.Services.AddEmbedderModule();
        builder.ExportTelemetry(SearchModule.Embedders);
        var embedder = builder.Build();
        embedder.UseBareDefaults();
        embedder.MapEmbedderCalls();
        return embedder;
    }

    if (SearchModule.IsSearcher(builder.Configuration))
    {
        builder.AddStatelessService(SearchModule.Searchers);
        builder.Services.AddAuthHttpClient().AddChatHttpClient().AddMemoryHttpClient().AddSearchHttpClient().AddSearcherModule();
        builder.AddSharedAnswers();
        var searcher = builder.Build();
        searcher.UseStatelessDefaults();
        searcher.MapSearcherEndpoints();
        return searcher;
    }

    builder.AddService(SearchModule.Name);
    builder.Services
        .AddAuthHttpClient()
        .AddChatHttpClient()
        .AddMemoryHttpClient()
        .AddSearchModule();
    builder.AddRabbitMqBus();
    builder.AddSharedAnswers();

    var app = builder.Build();
    app.UseMemoryMeshDefaults();
    app.MapSearchEndpoints();
    app.MapSearchCalls();
    app.MapSearcherCalls();
    return app;
});

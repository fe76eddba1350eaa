using MemoryMesh.Retention;
using MemoryMesh.ServiceDefaults.Hosting;

var builder = MemoryMeshHost.CreateBuilder(args, RetentionModule.Name);
builder.Services.AddRetentionModule();

var app = builder.Build();
app.UseMemoryMeshDefaults();
app.MapRetentionEndpoints();
return await app.RunMemoryMeshAsync();
